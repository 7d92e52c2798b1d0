"""Whatever is counted against guessing: mailed codes, and events in a window of time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from core.codes import Code


class Codes(Protocol):
    """Mailed codes. Tries are counted atomically: of many parallel guesses only the allowed
    number ever sees the digest."""

    async def find(self, code_id: str) -> Code | None: ...
    async def put(self, code: Code) -> None:
        """A new code takes the place of the one before."""
        ...

    async def use_attempt(self, code_id: str, *, now: datetime) -> Code | None:
        """Use up one try; None when there is no living code with a try left."""
        ...

    async def remove(self, code_id: str) -> None: ...


class Throttles(Protocol):
    """Counters in a window of time; they outlive a restart and a flush of any cache."""

    async def increment(self, key: str, *, window: timedelta, now: datetime) -> int:
        """One more; the number counted in the running window, this one included."""
        ...

    async def counts(self, keys: Sequence[str], *, now: datetime) -> Mapping[str, int]:
        """The numbers in the running windows, in one read; a key without one is left out."""
        ...

    async def decrement(self, key: str, *, now: datetime) -> None:
        """One less in the running window, if there is one: it was counted before it was known
        to be none of those that count."""
        ...

    async def clear(self, *keys: str) -> None: ...
