"""Bookings on the web."""

from pathlib import Path

from web.bookings import api, notices, pages, wording
from web.bookings import cancel_page as cancel_page
from web.bookings import dashboard_page as dashboard_page
from web.bookings import hold_page as hold_page
from web.bookings import return_page as return_page
from web.bookings.api import booking_response
from web.bookings.events import BOOKING_UPDATED
from web.bookings.meetings import meeting_is_next
from web.bookings.pages import booking_page, brief_files, picture_of
from web.bookings.schemas import BookingSchema
from web.bookings.wording import badge
from web.shared.assets import StaticFolder
from web.shared.capabilities import WebCapability

__all__ = [
    "WEB",
    "BookingSchema",
    "badge",
    "booking_page",
    "booking_response",
    "brief_files",
    "meeting_is_next",
    "picture_of",
]

WEB = WebCapability(
    name="bookings",
    pages=(pages.blueprint,),
    api=(api.blueprint,),
    static=StaticFolder("bookings", Path(__file__).parent / "static", sheets=("bookings.css",)),
    live_events=(BOOKING_UPDATED,),
    live_scripts=("bookings/js/updates.js",),
    timeline=wording.TIMELINE,
    notices=notices.NOTICES,
)
