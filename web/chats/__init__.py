"""Chats on the web."""

from web.chats import api
from web.chats.events import EVENTS, LIVE_EVENTS
from web.shared.capabilities import WebCapability

__all__ = ["WEB"]

WEB = WebCapability(
    name="chats",
    api=(api.blueprint,),
    events=EVENTS,
    live_events=LIVE_EVENTS,
)
