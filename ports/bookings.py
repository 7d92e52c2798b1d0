"""Bookings. The database, not a check before the write, keeps an hour from being sold twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from core.bookings import Booking, BookingId, Status


class Bookings(Protocol):
    """Two bookings that hold time may not share a quarter hour of one developer: `add` and
    `save` raise `HourTaken` for the one that comes second."""

    async def get(self, booking_id: BookingId) -> Booking: ...
    async def find(self, booking_id: BookingId) -> Booking | None: ...
    async def many(self, booking_ids: Sequence[str]) -> dict[str, Booking]:
        """Those of them that exist, in one read."""
        ...

    async def add(self, booking: Booking) -> Booking: ...
    async def save(self, booking: Booking) -> Booking: ...
    async def busy(
        self, developer_ids: Sequence[str], *, since: datetime, until: datetime
    ) -> dict[str, set[int]]:
        """The quarter hours each developer's bookings hold between the two instants."""
        ...

    async def of_account(
        self,
        account_id: str,
        *,
        statuses: Sequence[Status] = (),
        limit: int = 20,
        cursor: str | None = None,
    ) -> tuple[tuple[Booking, ...], str | None]:
        """Both sides' bookings of an account, the latest made first, with the next cursor."""
        ...
