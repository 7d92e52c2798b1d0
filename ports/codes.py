"""Repositories of one-time codes and of counters for rate limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from core.codes import Code


class Codes(Protocol):
    """One-time codes. Attempts are counted atomically, so that of many concurrent attempts only the
    allowed number gets the code to compare with."""

    async def find(self, code_id: str) -> Code | None: ...
    async def put(self, code: Code) -> None:
        """Store the code; it replaces one with the same id."""
        ...

    async def use_attempt(self, code_id: str, *, now: datetime) -> Code | None:
        """Count one attempt and return the code; None without a valid code and an attempt left."""
        ...

    async def remove(self, code_id: str) -> None: ...


class Throttles(Protocol):
    """Counters in windows of time, stored durably."""

    async def increment(self, key: str, *, window: timedelta, now: datetime) -> int:
        """Add one in the current window, or in a new one of length `window` if none is current.

        Returns the new count.
        """
        ...

    async def counts(self, keys: Sequence[str], *, now: datetime) -> Mapping[str, int]:
        """The counts of the current windows, in one query; keys without one are left out."""
        ...

    async def decrement(self, key: str, *, now: datetime) -> None:
        """Subtract one in the current window, if there is one: for an event that was counted in
        advance and turned out not to count."""
        ...

    async def clear(self, *keys: str) -> None:
        """Remove these counters."""
        ...
