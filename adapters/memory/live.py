"""Open browsers in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ports.live import Live


@dataclass(frozen=True, slots=True)
class Told:
    room: str
    event: str
    data: Mapping[str, object]


class MemoryLive(Live):
    """`told` is what browsers were told, in order."""

    def __init__(self) -> None:
        self.told: list[Told] = []

    async def tell(self, room: str, event: str, data: Mapping[str, object]) -> None:
        self.told.append(Told(room, event, dict(data)))
