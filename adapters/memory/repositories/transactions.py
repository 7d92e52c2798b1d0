"""The ledger in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Hashable

from adapters.memory.repositories.collection import Facts, newest_first, pause
from core.transactions import Transaction
from ports.transactions import Transactions


class MemoryTransactions(Facts[Transaction], Transactions):
    name = "transactions"

    def place(self, item: Transaction) -> Hashable:
        return item.id

    async def exists(self, transaction_id: str) -> bool:
        await pause()
        return self.rows.find(transaction_id) is not None

    async def of_booking(self, booking_id: str) -> tuple[Transaction, ...]:
        await pause()
        found = (t for t in self.rows.all() if t.booking_id == booking_id)
        return tuple(sorted(found, key=lambda t: (t.at, t.id)))

    async def of_account(
        self, party_ids: tuple[str, ...], *, limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[Transaction, ...], str | None]:
        await pause()
        keyed = (
            (f"{entry.at.isoformat(timespec='milliseconds')}|{entry.id}", entry)
            for entry in self.rows.all()
            if entry.client_id in party_ids or entry.developer_id in party_ids
        )
        return newest_first(keyed, limit=limit, cursor=cursor)

    async def all(self) -> AsyncIterator[Transaction]:
        await pause()
        for entry in self.rows.all():
            yield entry
