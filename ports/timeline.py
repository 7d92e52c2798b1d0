"""The repository of timeline entries, which both parties of a booking can read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from core.timeline import Entry


class Timeline(Protocol):
    """Append-only. Adding an id again raises `Duplicate`."""

    async def add(self, entry: Entry) -> None: ...
    async def of_booking(self, booking_id: str) -> tuple[Entry, ...]:
        """The entries of a booking, by time."""
        ...

    async def of_bookings(self, booking_ids: Sequence[str]) -> tuple[Entry, ...]:
        """The entries of some bookings, in one query; those of one booking by time."""
        ...
