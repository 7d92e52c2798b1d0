"""The repository of bookings. A unique rule of the database prevents double bookings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from core.booking_numbers import BookingNumber
from core.bookings import Booking, BookingId, Status


class Bookings(Protocol):
    """Two bookings whose `holds` is True cannot have a common cell of one developer: `add` and
    `save` raise `HourTaken` for the second one. No two bookings have one number: they raise
    `NumberTaken`."""

    async def get(self, booking_id: BookingId) -> Booking: ...
    async def find(self, booking_id: BookingId) -> Booking | None: ...
    async def find_by_number(self, number: BookingNumber) -> Booking | None: ...
    async def with_numbers(self, numbers: Sequence[BookingNumber]) -> tuple[Booking, ...]:
        """Those that exist, by number, in one query."""
        ...

    async def many(self, booking_ids: Sequence[str]) -> dict[str, Booking]:
        """Those that exist, by id, in one query."""
        ...

    async def ids(self, *, after: str = "", limit: int) -> tuple[str, ...]:
        """The ids of all that are later than `after`, by code point: one index range."""
        ...

    async def held_cells(self, booking_ids: Sequence[str]) -> dict[str, frozenset[int]]:
        """The cells that the unique rule keeps for each of these bookings, as they are stored and
        not as the state of the booking wants them; for the ids that exist."""
        ...

    async def add(self, booking: Booking) -> Booking: ...
    async def save(self, booking: Booking) -> Booking: ...
    async def correct_cells(self, booking: Booking) -> Booking:
        """As `save`; also makes the unique rule keep for it exactly the cells that its state
        wants, whatever it kept before."""
        ...

    async def busy(
        self, developer_ids: Sequence[str], *, since: datetime, until: datetime
    ) -> dict[str, set[int]]:
        """The booked cells of each developer between the two times (core/availability.py)."""
        ...

    async def latest(
        self, *, limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[Booking, ...], str | None]:
        """All bookings, latest created first, and the next cursor."""
        ...

    async def of_account(
        self,
        account_id: str,
        *,
        statuses: Sequence[Status] = (),
        limit: int = 20,
        cursor: str | None = None,
    ) -> tuple[tuple[Booking, ...], str | None]:
        """Bookings of an account as client or developer, latest first, and the next cursor.

        `statuses` limits them to these; empty means all.
        """
        ...

    async def of_pair(
        self, client_account: str, developer_id: str, *, limit: int
    ) -> tuple[Booking, ...]:
        """Bookings of this client with this developer, latest created first."""
        ...

    async def starting_after(
        self, account_id: str, moment: datetime, *, statuses: Sequence[Status], limit: int
    ) -> tuple[Booking, ...]:
        """Bookings of an account in one of these states that start later than `moment`, the
        earliest start first."""
        ...

    async def agreed_between(self, since: datetime, until: datetime) -> tuple[Booking, ...]:
        """All confirmed and completed bookings with a start in [since, until), the earliest start
        first."""
        ...
