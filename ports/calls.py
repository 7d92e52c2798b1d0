"""The repository of stays: who was in the room of a booking, and when."""

from __future__ import annotations

from typing import Protocol

from core.bookings import BookingId
from core.calls import Stay


class Stays(Protocol):
    """One stay per `Stay.key`."""

    async def note(self, stay: Stay) -> None:
        """Add the stay, or merge it with the stored one as `Stay.merged` does. Notes that are made
        at the same time, repeated or out of order give the same result."""
        ...

    async def of_booking(self, booking_id: BookingId) -> tuple[Stay, ...]:
        """The stays of a booking, the earliest first."""
        ...
