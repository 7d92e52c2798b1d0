"""Socket events about sessions."""

from __future__ import annotations

from typing_extensions import TypedDict

from web.shared.live import ENDED
from web.shared.live_events import LiveEvent


class Nothing(TypedDict):
    """An object without fields."""


SESSION_ENDED = LiveEvent(
    name=ENDED,
    data=Nothing,
    summary="The session has ended: for its own sockets, which are then closed.",
)
