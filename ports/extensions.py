"""The enabled plugins: questions before a booking, their part in it, and events after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from core.bookings import Booking
from core.errors import Conflict, Invalid
from core.prices import PriceLine
from ports.store import Repositories


class Vetoed(Conflict):
    """A rule of this marketplace does not allow this booking."""

    code = "booking_vetoed"


class WrongFields(Invalid):
    """Plugins do not accept what was typed into their fields of the form of a booking: `fields` are
    named `fields.<name>`. `lines` are those of the price without them."""

    def __init__(self, errors: Mapping[str, str], lines: Sequence[PriceLine] = ()) -> None:
        super().__init__(**{f"{FIELDS}.{name}": text for name, text in errors.items()})
        self.lines = tuple(lines)


FIELDS = "fields"
"""The name under which requests carry the fields of plugins."""


@dataclass(slots=True)
class Parts:
    """The parts that plugins have in one transaction. `left_out` are the plugins that are not
    asked, because their part has failed before. `failed` is the plugin whose part raised the last
    error, and that error: it may be a write conflict, after which the transaction runs again."""

    left_out: frozenset[str] = frozenset()
    failed: tuple[str, Exception] | None = None


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
        lines. `fields` are the further fields of the form that was sent. Raises `WrongFields`."""
        ...

    async def take_part(
        self,
        repositories: Repositories,
        booking: Booking,
        fields: Mapping[str, str],
        parts: Parts,
    ) -> None:
        """Store what plugins want to store with a booking, in the transaction that holds its time.

        Raises `WrongFields` and `Vetoed` when one refuses. Any other error, also one of the
        repositories, goes through, and `parts.failed` says whose it is.
        """
        ...

    def part_failed(self, plugin: str, error: Exception) -> None:
        """Log and count the failure of a part."""
        ...

    async def deliver(self, plugin: str, event: str, facts: Mapping[str, str]) -> None:
        """Deliver one event to one plugin, at least once. Raises if the plugin fails or takes too
        long, so that the outbox delivers the event again."""
        ...
