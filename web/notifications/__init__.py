"""Notifications on the web: the list, the bell on every page, the preferences."""

from pathlib import Path

from web.notifications import api, events, pages
from web.shared.assets import StaticFolder
from web.shared.capabilities import WebCapability

__all__ = ["WEB"]

WEB = WebCapability(
    name="notifications",
    pages=(pages.blueprint,),
    api=(api.blueprint,),
    static=StaticFolder(
        "notifications", Path(__file__).parent / "static", sheets=("notifications.css",)
    ),
    events={"notifications:seen": events.seen},
    live_events=(events.NOTIFICATION_NEW, events.NOTIFICATIONS_READ),
    live_scripts=("notifications/js/bell.js",),
)
