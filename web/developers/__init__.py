"""Developers on the web."""

from pathlib import Path

from web.developers import api, pages
from web.developers.events import watch_slots
from web.shared.assets import StaticFolder
from web.shared.capabilities import WebCapability

__all__ = [
    "WEB",
]

WEB = WebCapability(
    name="developers",
    pages=(pages.blueprint,),
    api=(api.blueprint,),
    events={"slots:watch": watch_slots},
    static=StaticFolder("developers", Path(__file__).parent / "static", sheets=("developers.css",)),
)
