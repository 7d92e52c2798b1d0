"""Pads on the web."""

from pathlib import Path

from web.pads import api, pages, panels
from web.pads.events import EVENTS, LIVE_EVENTS
from web.shared.assets import StaticFolder
from web.shared.capabilities import Panel, Slot, WebCapability

__all__ = ["WEB"]

WEB = WebCapability(
    name="pads",
    pages=(pages.blueprint,),
    api=(api.blueprint,),
    events=EVENTS,
    live_events=LIVE_EVENTS,
    panels=(
        Panel(Slot.CALL_PAD, panels.call_panel),
        Panel(Slot.BOOKING_MAIN, panels.booking_panel),
        Panel(Slot.CASE, panels.case_panel),
    ),
    static=StaticFolder("pads", Path(__file__).parent / "static", sheets=("pads.css",)),
)
