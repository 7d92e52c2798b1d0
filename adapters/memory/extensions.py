"""Extensions that say nothing, or what a test wants them to say."""

from __future__ import annotations

from collections.abc import Mapping

from core.bookings import Booking
from ports.extensions import Extensions, Vetoed


class MemoryExtensions(Extensions):
    """`veto` is a reason against every booking; `heard` collects the news when `listening`."""

    def __init__(self, *, veto: str = "", listening: bool = False) -> None:
        self.veto = veto
        self.listening = listening
        self.heard: list[tuple[str, Mapping[str, str]]] = []

    @property
    def has_listeners(self) -> bool:
        return self.listening

    async def may_book(self, booking: Booking) -> None:
        if self.veto:
            raise Vetoed(self.veto)

    async def tell(self, event: str, facts: Mapping[str, str]) -> None:
        self.heard.append((event, facts))
