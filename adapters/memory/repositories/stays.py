"""Stays in calls, in memory."""

from __future__ import annotations

from adapters.memory.repositories.repository import yield_control
from adapters.memory.tables import Table, TableAccess
from core.bookings import BookingId
from core.calls import Stay
from ports.calls import Stays


class MemoryStays(Stays):
    name = "stays"

    def __init__(self, tables: TableAccess) -> None:
        self.table: Table[Stay] = Table(tables, self.name)

    async def note(self, stay: Stay) -> None:
        await yield_control()
        stored = self.table.find(stay.key)
        self.table.put(stay.key, stored.merged(stay) if stored else stay)

    async def of_booking(self, booking_id: BookingId) -> tuple[Stay, ...]:
        await yield_control()
        found = [each for each in self.table.all() if each.booking_id == booking_id]
        return tuple(sorted(found, key=lambda each: (each.came_at, each.key)))
