"""The repository of ledger entries."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol

from core.transactions import Transaction


class Transactions(Protocol):
    """Append-only. Adding an id again raises `Duplicate`, so each fact moves money once."""

    async def add(self, transaction: Transaction) -> None: ...
    async def exists(self, transaction_id: str) -> bool: ...
    async def of_booking(self, booking_id: str) -> tuple[Transaction, ...]: ...
    async def of_bookings(self, booking_ids: Sequence[str]) -> tuple[Transaction, ...]:
        """Entries of these bookings, in no particular order."""
        ...

    async def ids(self, *, after: str = "", limit: int) -> tuple[str, ...]:
        """The ids of all that are later than `after`, by code point: one index range."""
        ...

    async def many(self, transaction_ids: Sequence[str]) -> dict[str, Transaction]:
        """Those that exist, by id, in one query. Raises `Unbalanced` for an entry whose stored
        lines do not sum to zero."""
        ...

    async def numbers(self, *, after: str = "", limit: int) -> tuple[str, ...]:
        """The numbers of entries that are later than `after`, by code point; one that two entries
        have is there twice."""
        ...

    async def of_account(
        self,
        party_ids: tuple[str, ...],
        *,
        limit: int = 20,
        cursor: str | None = None,
        since: datetime | None = None,
        before: datetime | None = None,
    ) -> tuple[tuple[Transaction, ...], str | None]:
        """Entries of these clients or developers, latest first, and the next cursor; only those
        from `since` on, and those before `before`."""
        ...

    async def first(self) -> Transaction | None:
        """The earliest entry."""
        ...

    def between(self, start: datetime, end: datetime) -> AsyncIterator[Transaction]:
        """The entries from `start` on and before `end`, in the order of time, then of id: read by
        an index, without loading all of them into memory."""
        ...

    def all(self) -> AsyncIterator[Transaction]:
        """Every entry, for verification of the ledger."""
        ...
