"""What both sides can read about a booking's course."""

from __future__ import annotations

from typing import Protocol

from core.timeline import Entry


class Timeline(Protocol):
    """Entries are added once (a repeat raises `Duplicate`) and never changed."""

    async def add(self, entry: Entry) -> None: ...
    async def of_booking(self, booking_id: str) -> tuple[Entry, ...]:
        """In the order things happened."""
        ...
