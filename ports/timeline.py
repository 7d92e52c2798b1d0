"""The repository of timeline entries, which both parties of a booking can read."""

from __future__ import annotations

from typing import Protocol

from core.timeline import Entry


class Timeline(Protocol):
    """Append-only. Adding an id again raises `Duplicate`."""

    async def add(self, entry: Entry) -> None: ...
    async def of_booking(self, booking_id: str) -> tuple[Entry, ...]:
        """The entries of a booking, by time."""
        ...
