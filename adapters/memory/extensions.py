"""Extensions without plugins, or with a result set by a test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.bookings import Booking
from core.prices import PriceLine
from ports.extensions import EnabledPlugin, Extensions, Parts, Vetoed
from ports.store import Repositories


class MemoryExtensions(Extensions):
    """A `veto` is the reason to refuse every booking. `delivered` collects the events of the
    plugins in `listening`; delivery to those in `failing` raises. `lines` are those of every
    price."""

    def __init__(self, *, veto: str = "", listening: Sequence[str] = ()) -> None:
        self.veto = veto
        self.listening = tuple(listening)
        self.lines: tuple[PriceLine, ...] = ()
        self.failing: set[str] = set()
        self.delivered: list[tuple[str, Mapping[str, str]]] = []

    @property
    def enabled(self) -> Sequence[EnabledPlugin]:
        return [EnabledPlugin(name) for name in self.listening]

    @property
    def names(self) -> Sequence[str]:
        return self.listening

    @property
    def listeners(self) -> Sequence[str]:
        return self.listening

    async def may_book(self, booking: Booking) -> None:
        if self.veto:
            raise Vetoed(self.veto)

    async def price_lines(self, booking: Booking, fields: Mapping[str, str]) -> Sequence[PriceLine]:
        return self.lines

    async def take_part(
        self,
        repositories: Repositories,
        booking: Booking,
        fields: Mapping[str, str],
        parts: Parts,
    ) -> None:
        """No plugin has a part here."""

    def part_failed(self, plugin: str, error: Exception) -> None:
        """No plugin has a part here."""

    async def deliver(self, plugin: str, event: str, facts: Mapping[str, str]) -> None:
        if plugin in self.failing:
            raise RuntimeError(f"{plugin} fails")
        if plugin in self.listening:
            self.delivered.append((event, facts))
