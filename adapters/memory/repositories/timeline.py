"""The timeline in memory."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from adapters.memory.repositories.repository import AppendOnlyRepository, yield_control
from core.timeline import Entry
from ports.timeline import Timeline


class MemoryTimeline(AppendOnlyRepository[Entry], Timeline):
    name = "timeline"

    def key_of(self, item: Entry) -> Hashable:
        return item.id

    async def of_booking(self, booking_id: str) -> tuple[Entry, ...]:
        """Entries with the same time are in the order in which they were added."""
        await yield_control()
        found = (entry for entry in self.table.all() if entry.booking_id == booking_id)
        return tuple(sorted(found, key=lambda entry: entry.at))

    async def of_bookings(self, booking_ids: Sequence[str]) -> tuple[Entry, ...]:
        await yield_control()
        found = (entry for entry in self.table.all() if entry.booking_id in booking_ids)
        return tuple(sorted(found, key=lambda entry: entry.at))
