"""Extensions that say nothing, or what a test wants them to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.bookings import Booking
from ports.extensions import Extensions, Vetoed


class MemoryExtensions(Extensions):
    """`veto` is a reason against every booking. `delivered` collects the events of the plugins
    named in `listening`; delivery to those in `failing` raises."""

    def __init__(self, *, veto: str = "", listening: Sequence[str] = ()) -> None:
        self.veto = veto
        self.listening = tuple(listening)
        self.failing: set[str] = set()
        self.delivered: list[tuple[str, Mapping[str, str]]] = []

    @property
    def listeners(self) -> Sequence[str]:
        return self.listening

    async def may_book(self, booking: Booking) -> None:
        if self.veto:
            raise Vetoed(self.veto)

    async def deliver(self, plugin: str, event: str, facts: Mapping[str, str]) -> None:
        if plugin in self.failing:
            raise RuntimeError(f"{plugin} fails")
        if plugin in self.listening:
            self.delivered.append((event, facts))
