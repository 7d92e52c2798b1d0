"""The area of administrators: overview, bookings, payments, jobs, outbox and search."""

from pathlib import Path

from web.administration.api import blueprint as api
from web.administration.lists import blueprint as lists
from web.administration.pages import blueprint as pages
from web.shared.assets import StaticFolder
from web.shared.capabilities import WebCapability

__all__ = [
    "WEB",
]

WEB = WebCapability(
    name="administration",
    pages=(pages, lists),
    api=(api,),
    static=StaticFolder("administration", Path(__file__).parent / "static", sheets=("admin.css",)),
)
