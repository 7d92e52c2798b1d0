"""Calendars on the web."""

from web.calendars import api, pages, panels
from web.shared.capabilities import Panel, Slot, WebCapability

__all__ = ["WEB"]

WEB = WebCapability(
    name="calendars",
    pages=(pages.blueprint,),
    api=(api.blueprint,),
    panels=(Panel(Slot.BOOKING_MAIN, panels.in_your_calendar),),
)
