"""What a sample of a stored kind is, and the moment at which all samples are made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import MISSING, Field, dataclass, fields
from datetime import UTC, datetime
from typing import Any

from core.money import Money
from ports.store import Repositories

NOW = datetime(2026, 3, 2, 10, 0, 0, 250_000, tzinfo=UTC)
DOLLARS = Money(12_345_678_901, "USD")
"""More cents than 32 bits hold."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One thing in a collection: how its repository writes it, how it is read, and the result.

    `expected` is what `read` returns from a store in which `write` has run once and nothing else.
    """

    collection: str
    expected: Any
    write: Callable[[Repositories], Awaitable[object]]
    read: Callable[[Repositories], Awaitable[object]]


def assert_whole(entity: Any) -> None:
    """No field has its default: a default value lost in the store would go unnoticed."""
    for part in fields(entity):
        value = getattr(entity, part.name)
        assert part.name == "version" or value != _default(part), part.name


def _default(part: Field[Any]) -> object:
    return part.default_factory() if part.default_factory is not MISSING else part.default
