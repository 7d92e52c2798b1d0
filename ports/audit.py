"""The audit trail: one chain of entries per account, added to and never changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from core.audit import Entry, Head

Page = tuple[tuple[Entry, ...], str | None]
"""Entries, the latest first, and the cursor of the next page."""


class Audit(Protocol):
    """There is no way to change or remove an entry. An account's places (`seq`) and the keys of
    facts are each taken once, whoever else writes."""

    async def append(self, entry: Entry, head: Head) -> None:
        """Add to the end of a chain and move its head there; inside a step, both or none.

        Raises `Duplicate` when the place or the key is taken, `Stale` when the chain's head is
        not at the entry before.
        """
        ...

    async def has(self, key: str) -> bool: ...
    async def head(self, account_id: str) -> Head | None: ...
    async def last(self, account_id: str) -> Entry | None:
        """The entry with the highest place in that chain."""
        ...

    async def page(self, account_id: str, *, limit: int = 20, cursor: str | None = None) -> Page:
        """What happened to that account."""
        ...

    async def page_of_all(
        self, *, what: str | None = None, limit: int = 20, cursor: str | None = None
    ) -> Page:
        """What happened to anybody; of one kind only, if `what` is given."""
        ...

    def chain(self, account_id: str) -> AsyncIterator[Entry]:
        """From the first entry to the last."""
        ...

    def every(self) -> AsyncIterator[Entry]:
        """All chains, each as a whole and in its order, for verification."""
        ...

    def heads(self) -> AsyncIterator[Head]: ...
