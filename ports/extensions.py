"""The enabled plugins: questions before a booking, and events after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from core.bookings import Booking
from core.errors import Conflict
from core.prices import PriceLine


class Vetoed(Conflict):
    """A rule of this marketplace does not allow this booking."""

    code = "booking_vetoed"


@dataclass(frozen=True, slots=True)
class EnabledPlugin:
    """A plugin for administrators: the version of its distribution, if it has one, the hooks it
    implements, and its settings by name as texts, without secrets."""

    name: str
    version: str = ""
    hooks: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)


class Extensions(Protocol):
    """The enabled plugins. A plugin that fails or does not respond never affects a request."""

    @property
    def enabled(self) -> Sequence[EnabledPlugin]:
        """All enabled plugins, in their order."""
        ...

    @property
    def names(self) -> Sequence[str]:
        """The names of all enabled plugins, in their order."""
        ...

    @property
    def listeners(self) -> Sequence[str]:
        """The names of the plugins that listen to booking events."""
        ...

    async def may_book(self, booking: Booking) -> None:
        """Raises `Vetoed` with the first plugin's reason against the booking, if there is one."""
        ...

    async def price_lines(self, booking: Booking, fields: Mapping[str, str]) -> Sequence[PriceLine]:
        """What plugins add to the price of the booking or take off it, in their order: checked
        lines. `fields` are the further fields of the form that was sent."""
        ...

    async def deliver(self, plugin: str, event: str, facts: Mapping[str, str]) -> None:
        """Deliver one event to one plugin, at least once. Raises if the plugin fails or takes too
        long, so that the outbox delivers the event again."""
        ...
