"""Live updates in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ports.live import Live


@dataclass(frozen=True, slots=True)
class PublishedEvent:
    """One event of one room."""

    room: str
    event: str
    data: Mapping[str, object]


class MemoryLive(Live):
    """`published` has all events, in order."""

    def __init__(self) -> None:
        self.published: list[PublishedEvent] = []

    async def publish(self, room: str, event: str, data: Mapping[str, object]) -> None:
        self.published.append(PublishedEvent(room, event, dict(data)))
