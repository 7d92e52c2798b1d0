"""Bookings on the web."""

from web.bookings import api, pages
from web.shared.capabilities import WebCapability

__all__ = [
    "WEB",
]

WEB = WebCapability(
    name="bookings",
    pages=(pages.blueprint,),
    api=(api.blueprint,),
)
