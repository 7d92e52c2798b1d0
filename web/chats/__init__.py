"""Chats on the web."""

from pathlib import Path

from web.chats import api, notices, opening, pages, panels, reports, reports_api
from web.chats.counting import unread_chats
from web.chats.events import EVENTS, LIVE_EVENTS
from web.chats.history import files_of
from web.chats.lines import Reader, with_days
from web.chats.rendering import rendered
from web.shared.assets import StaticFolder
from web.shared.capabilities import Link, Panel, Slot, WebCapability

__all__ = ["WEB", "Reader", "files_of", "rendered", "with_days"]

WEB = WebCapability(
    name="chats",
    pages=(pages.blueprint, opening.blueprint, reports.blueprint),
    api=(api.blueprint, reports_api.blueprint),
    events=EVENTS,
    notices=notices.NOTICES,
    live_events=LIVE_EVENTS,
    navigation=(Link("Messages", "/messages", count=unread_chats, counted="unread"),),
    panels=(
        Panel(Slot.BOOKING, panels.booking_panel),
        Panel(Slot.CALL, panels.booking_panel),
        Panel(Slot.PROFILE, panels.profile_panel),
    ),
    static=StaticFolder("chats", Path(__file__).parent / "static", sheets=("chats.css",)),
    live_scripts=("chats/js/unread.js",),
)
