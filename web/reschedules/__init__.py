"""Reschedules on the web."""

from web.reschedules import api, notices, pages, panels, wording
from web.shared.capabilities import Panel, Slot, WebCapability

__all__ = ["WEB"]

WEB = WebCapability(
    name="reschedules",
    pages=(pages.blueprint,),
    api=(api.blueprint,),
    panels=(Panel(Slot.BOOKING_TOP, panels.proposal), Panel(Slot.BOOKING, panels.way)),
    timeline=wording.TIMELINE,
    notices=notices.NOTICES,
)
