"""The repository of suppressed e-mail addresses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from core.suppressions import Suppression


class Suppressions(Protocol):
    """One entry per address; upper and lower case are the same."""

    async def find(self, email: str) -> Suppression | None: ...
    async def listed(self, emails: Sequence[str]) -> frozenset[str]:
        """Those of the addresses that have an entry, as they were given."""
        ...

    async def since(self, moment: datetime, *, limit: int) -> tuple[Suppression, ...]:
        """Those added at this time or later, the earliest first."""
        ...

    async def add(self, suppression: Suppression) -> None:
        """Store it. Of two entries for one address the one with the later `at` is stored,
        whichever is added first. Idempotent."""
        ...

    async def remove(self, email: str) -> None:
        """Remove the entry. Does nothing if there is none."""
        ...
