"""Bookings in memory."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import datetime, timedelta

from adapters.memory.repositories.repository import (
    UniqueIndex,
    VersionedRepository,
    newest_first,
    yield_control,
)
from adapters.memory.tables import TableAccess
from core.availability import cell_of
from core.booking_numbers import BookingNumber
from core.bookings import AGREED, Booking, HourTaken, NumberTaken, Status
from ports.bookings import Bookings

INSTANT = timedelta(microseconds=1)


class MemoryBookings(VersionedRepository[Booking], Bookings):
    name = "bookings"
    duplicate_error = HourTaken

    def __init__(self, tables: TableAccess) -> None:
        super().__init__(tables)
        self._numbers = UniqueIndex(tables, "bookings:number", NumberTaken)

    def unique_keys(self, entity: Booking) -> Sequence[Hashable]:
        cells = entity.cells if entity.holds else ()
        return [(entity.developer.id, cell) for cell in cells]

    def _store(self, entity: Booking, *, stored: Booking | None) -> None:
        self._numbers.check(entity.id, [entity.number])
        super()._store(entity, stored=stored)
        self._numbers.move(entity.id, [stored.number] if stored else [], [entity.number])

    async def held_cells(self, booking_ids: Sequence[str]) -> dict[str, frozenset[int]]:
        await yield_control()
        held: dict[str, set[int]] = {
            each: set() for each in booking_ids if self.table.find(each) is not None
        }
        for (_, cell), owner in self._unique.owners():
            if owner in held:
                held[owner].add(cell)
        return {booking_id: frozenset(cells) for booking_id, cells in held.items()}

    async def correct_cells(self, booking: Booking) -> Booking:
        kept = [key for key, owner in self._unique.owners() if owner == booking.id]
        wanted = self.unique_keys(booking)
        self._unique.check(booking.id, wanted)
        self._unique.move(booking.id, kept, wanted)
        return await self.save(booking)

    async def find_by_number(self, number: BookingNumber) -> Booking | None:
        await yield_control()
        return next((each for each in self.table.all() if each.number == number), None)

    async def busy(
        self, developer_ids: Sequence[str], *, since: datetime, until: datetime
    ) -> dict[str, set[int]]:
        await yield_control()
        wanted = range(cell_of(since), cell_of(until - INSTANT) + 1)
        busy: dict[str, set[int]] = {developer_id: set() for developer_id in developer_ids}
        for booking in self.table.all():
            if booking.holds and booking.developer.id in busy:
                busy[booking.developer.id].update(c for c in booking.cells if c in wanted)
        return busy

    async def with_numbers(self, numbers: Sequence[BookingNumber]) -> tuple[Booking, ...]:
        await yield_control()
        found = (each for each in self.table.all() if each.number in numbers)
        return tuple(sorted(found, key=lambda booking: booking.number))

    async def latest(
        self, *, limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[Booking, ...], str | None]:
        await yield_control()
        keyed = ((_key(booking), booking) for booking in self.table.all())
        return newest_first(keyed, limit=limit, cursor=cursor)

    async def of_account(
        self,
        account_id: str,
        *,
        statuses: Sequence[Status] = (),
        limit: int = 20,
        cursor: str | None = None,
    ) -> tuple[tuple[Booking, ...], str | None]:
        await yield_control()
        keyed = (
            (_key(booking), booking)
            for booking in self.table.all()
            if booking.is_party(account_id) and (not statuses or booking.status in statuses)
        )
        return newest_first(keyed, limit=limit, cursor=cursor)

    async def of_pair(
        self, client_account: str, developer_id: str, *, limit: int
    ) -> tuple[Booking, ...]:
        await yield_control()
        pair = client_account, developer_id
        keyed = (
            (_key(booking), booking)
            for booking in self.table.all()
            if (booking.client.account_id, booking.developer.id) == pair
        )
        return newest_first(keyed, limit=limit, cursor=None)[0]

    async def starting_after(
        self, account_id: str, moment: datetime, *, statuses: Sequence[Status], limit: int
    ) -> tuple[Booking, ...]:
        await yield_control()
        found = (
            booking
            for booking in self.table.all()
            if booking.is_party(account_id)
            and booking.start > moment
            and booking.status in statuses
        )
        return tuple(sorted(found, key=lambda booking: booking.start)[:limit])

    async def agreed_between(self, since: datetime, until: datetime) -> tuple[Booking, ...]:
        await yield_control()
        found = (
            booking
            for booking in self.table.all()
            if since <= booking.start < until and booking.status in AGREED
        )
        return tuple(sorted(found, key=lambda booking: (booking.start, booking.id)))


def _key(booking: Booking) -> str:
    return f"{booking.created_at.isoformat(timespec='milliseconds')}|{booking.id}"
