"""The ledger's entries: added once, never changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from core.transactions import Transaction


class Transactions(Protocol):
    """Adding an id a second time raises `Duplicate`: the same fact moves money once."""

    async def add(self, transaction: Transaction) -> None: ...
    async def exists(self, transaction_id: str) -> bool: ...
    async def of_booking(self, booking_id: str) -> tuple[Transaction, ...]: ...
    async def of_account(
        self, party_ids: tuple[str, ...], *, limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[Transaction, ...], str | None]:
        """Entries that concern one of these clients or developers, the latest first."""
        ...

    def all(self) -> AsyncIterator[Transaction]:
        """Every entry, for audits."""
        ...
