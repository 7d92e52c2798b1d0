"""What plugins are asked and told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from core.bookings import Booking
from core.errors import Conflict


class Vetoed(Conflict):
    """A rule of this marketplace does not allow this booking."""

    code = "booking_vetoed"


class Extensions(Protocol):
    """A plugin that fails, hangs or answers nonsense never stops the house."""

    @property
    def has_listeners(self) -> bool:
        """Whether any plugin wants to hear news; nothing is owed to nobody."""
        ...

    async def may_book(self, booking: Booking) -> None:
        """Raises `Vetoed` with the first plugin's reason against the booking, if there is one."""
        ...

    async def tell(self, event: str, facts: Mapping[str, str]) -> None:
        """News, after the fact. Each plugin may hear it more than once."""
        ...
