"""The audit trail: one append-only chain of entries per account."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from core.audit import Entry, Head

Page = tuple[tuple[Entry, ...], str | None]
"""Entries, latest first, and the cursor of the next page or None."""


class Audit(Protocol):
    """Entries cannot be changed or removed. Each `seq` of an account and each `key` exists once,
    also with concurrent writers."""

    async def append(self, entry: Entry, head: Head) -> None:
        """Append the entry and replace the head of its chain, atomically inside a transaction.

        Raises `Duplicate` if the `seq` or the `key` exists, `Stale` if the stored head is not
        that of the entry before.
        """
        ...

    async def has(self, key: str) -> bool: ...
    async def head(self, account_id: str) -> Head | None: ...
    async def last(self, account_id: str) -> Entry | None:
        """The entry with the highest `seq` of that chain."""
        ...

    async def page(self, account_id: str, *, limit: int = 20, cursor: str | None = None) -> Page:
        """The entries of one account."""
        ...

    async def page_of_all(
        self, *, what: str | None = None, limit: int = 20, cursor: str | None = None
    ) -> Page:
        """The entries of all accounts; only those of the kind `what`, if it is given."""
        ...

    async def of_booking(self, booking_id: str, *, limit: int = 50) -> tuple[Entry, ...]:
        """The entries of all accounts whose detail `booking` is this one, latest first."""
        ...

    def chain(self, account_id: str) -> AsyncIterator[Entry]:
        """All entries of one account, the first one first."""
        ...

    def every(self) -> AsyncIterator[Entry]:
        """All entries, chain by chain and each chain in its order, for verification."""
        ...

    def heads(self) -> AsyncIterator[Head]: ...
