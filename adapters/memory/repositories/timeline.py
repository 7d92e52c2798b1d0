"""The timeline in memory."""

from __future__ import annotations

from collections.abc import Hashable

from adapters.memory.repositories.collection import Facts, pause
from core.timeline import Entry
from ports.timeline import Timeline


class MemoryTimeline(Facts[Entry], Timeline):
    name = "timeline"

    def place(self, item: Entry) -> Hashable:
        return item.id

    async def of_booking(self, booking_id: str) -> tuple[Entry, ...]:
        """Of entries of one instant, the first written comes first: sorting is stable."""
        await pause()
        found = (entry for entry in self.rows.all() if entry.booking_id == booking_id)
        return tuple(sorted(found, key=lambda entry: entry.at))
