"""Chats on the web."""

from web.chats import api, notices
from web.chats.events import EVENTS, LIVE_EVENTS
from web.shared.capabilities import WebCapability

__all__ = ["WEB"]

WEB = WebCapability(
    name="chats",
    api=(api.blueprint,),
    events=EVENTS,
    notices=notices.NOTICES,
    live_events=LIVE_EVENTS,
)
