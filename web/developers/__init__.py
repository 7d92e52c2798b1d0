"""Developers on the web."""

from pathlib import Path

from web.developers import api, availability_api, hours, pages
from web.developers.events import SLOTS_CHANGED, watch_slots
from web.developers.pages import profile
from web.developers.picker import Choice, held_by_viewer
from web.developers.picker import picker as time_picker
from web.developers.plugin_fields import names_in_form
from web.shared.assets import StaticFolder
from web.shared.capabilities import WebCapability

__all__ = [
    "WEB",
    "Choice",
    "held_by_viewer",
    "names_in_form",
    "profile",
    "time_picker",
]

WEB = WebCapability(
    name="developers",
    pages=(pages.blueprint, hours.blueprint),
    api=(api.blueprint, availability_api.blueprint),
    events={"slots:watch": watch_slots},
    live_events=(SLOTS_CHANGED,),
    static=StaticFolder("developers", Path(__file__).parent / "static", sheets=("developers.css",)),
)
