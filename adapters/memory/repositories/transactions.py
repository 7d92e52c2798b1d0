"""The ledger in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Hashable, Sequence
from datetime import datetime

from adapters.memory.repositories.repository import (
    AppendOnlyRepository,
    newest_first,
    yield_control,
)
from core.transactions import Transaction
from ports.transactions import Transactions


class MemoryTransactions(AppendOnlyRepository[Transaction], Transactions):
    name = "transactions"

    def key_of(self, item: Transaction) -> Hashable:
        return item.id

    async def exists(self, transaction_id: str) -> bool:
        await yield_control()
        return self.table.find(transaction_id) is not None

    async def of_booking(self, booking_id: str) -> tuple[Transaction, ...]:
        await yield_control()
        found = (t for t in self.table.all() if t.booking_id == booking_id)
        return tuple(sorted(found, key=lambda t: (t.at, t.id)))

    async def of_bookings(self, booking_ids: Sequence[str]) -> tuple[Transaction, ...]:
        await yield_control()
        wanted = set(booking_ids)
        return tuple(entry for entry in self.table.all() if entry.booking_id in wanted)

    async def ids(self, *, after: str = "", limit: int) -> tuple[str, ...]:
        await yield_control()
        return tuple(sorted(each.id for each in self.table.all() if each.id > after)[:limit])

    async def many(self, transaction_ids: Sequence[str]) -> dict[str, Transaction]:
        await yield_control()
        found = {entry_id: self.table.find(entry_id) for entry_id in transaction_ids}
        return {entry_id: entry for entry_id, entry in found.items() if entry is not None}

    async def numbers(self, *, after: str = "", limit: int) -> tuple[str, ...]:
        await yield_control()
        return tuple(sorted(e.number for e in self.table.all() if e.number > after)[:limit])

    async def of_account(
        self,
        party_ids: tuple[str, ...],
        *,
        limit: int = 20,
        cursor: str | None = None,
        since: datetime | None = None,
        before: datetime | None = None,
    ) -> tuple[tuple[Transaction, ...], str | None]:
        await yield_control()
        keyed = (
            (f"{entry.at.isoformat(timespec='milliseconds')}|{entry.id}", entry)
            for entry in self.table.all()
            if (entry.client_id in party_ids or entry.developer_id in party_ids)
            and (since is None or entry.at >= since)
            and (before is None or entry.at < before)
        )
        return newest_first(keyed, limit=limit, cursor=cursor)

    async def first(self) -> Transaction | None:
        await yield_control()
        return min(self.table.all(), key=lambda entry: (entry.at, entry.id), default=None)

    async def between(self, start: datetime, end: datetime) -> AsyncIterator[Transaction]:
        await yield_control()
        found = (entry for entry in self.table.all() if start <= entry.at < end)
        for entry in sorted(found, key=lambda entry: (entry.at, entry.id)):
            yield entry

    async def all(self) -> AsyncIterator[Transaction]:
        await yield_control()
        for entry in self.table.all():
            yield entry
