"""Calls on the web."""

from pathlib import Path

from web.calls import api, pages, panels
from web.calls.events import EVENTS, LIVE_EVENTS
from web.calls.pages import client_prefix
from web.shared.assets import StaticFolder
from web.shared.capabilities import Panel, Slot, WebCapability

__all__ = ["WEB", "client_prefix"]

WEB = WebCapability(
    name="calls",
    pages=(pages.blueprint,),
    api=(api.blueprint,),
    events=EVENTS,
    live_events=LIVE_EVENTS,
    panels=(
        Panel(Slot.BOOKING_NEXT, panels.next_panel),
        Panel(Slot.BOOKING_TOP, panels.room_panel),
        Panel(Slot.BOOKING_MAIN, panels.attended_panel),
        Panel(Slot.LISTED_BOOKING, panels.join_panel),
        Panel(Slot.CASE, panels.attendance_panel),
    ),
    static=StaticFolder("calls", Path(__file__).parent / "static"),
)
