"""The repository of ledger entries."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from core.transactions import Transaction


class Transactions(Protocol):
    """Append-only. Adding an id again raises `Duplicate`, so each fact moves money once."""

    async def add(self, transaction: Transaction) -> None: ...
    async def exists(self, transaction_id: str) -> bool: ...
    async def of_booking(self, booking_id: str) -> tuple[Transaction, ...]: ...
    async def of_account(
        self, party_ids: tuple[str, ...], *, limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[Transaction, ...], str | None]:
        """Entries of these clients or developers, latest first, and the next cursor."""
        ...

    def all(self) -> AsyncIterator[Transaction]:
        """Every entry, for verification of the ledger."""
        ...
