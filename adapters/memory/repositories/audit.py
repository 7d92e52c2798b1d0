"""The audit trail in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Hashable, Iterable

from adapters.memory.repositories.repository import (
    AppendOnlyRepository,
    UniqueIndex,
    newest_first,
    yield_control,
)
from adapters.memory.tables import Table, TableAccess
from core.audit import Entry, Head
from ports.audit import Audit, Page
from ports.store import Duplicate, Stale


class MemoryAudit(AppendOnlyRepository[Entry], Audit):
    name = "audit"

    def __init__(self, tables: TableAccess) -> None:
        super().__init__(tables)
        self._positions = UniqueIndex(tables, self.name)
        self._heads: Table[Head] = Table(tables, "audit_heads")

    def key_of(self, item: Entry) -> Hashable:
        return item.key

    async def append(self, entry: Entry, head: Head) -> None:
        await yield_control()
        before = self._heads.find(head.account_id)
        if head.seq == 1 and before is not None:
            raise self.table.tables.abort(Duplicate())
        if (before.seq if before else 0) != head.seq - 1:
            raise Stale
        if self.table.find(entry.key) is not None:
            raise self.table.tables.abort(Duplicate())
        position = [(entry.account_id, entry.seq)]
        self._positions.check(entry.key, position)
        self._positions.move(entry.key, (), position)
        self._heads.put(head.account_id, head)
        self.table.put(entry.key, entry)

    async def has(self, key: str) -> bool:
        await yield_control()
        return self.table.find(key) is not None

    async def head(self, account_id: str) -> Head | None:
        await yield_control()
        return self._heads.find(account_id)

    async def last(self, account_id: str) -> Entry | None:
        await yield_control()
        mine = self._of(account_id)
        return mine[-1] if mine else None

    async def page(self, account_id: str, *, limit: int = 20, cursor: str | None = None) -> Page:
        await yield_control()
        return newest_first(_keyed(self._of(account_id)), limit=limit, cursor=cursor)

    async def page_of_all(
        self, *, what: str | None = None, limit: int = 20, cursor: str | None = None
    ) -> Page:
        await yield_control()
        wanted = (entry for entry in self.table.all() if what in (None, entry.what))
        return newest_first(_keyed(wanted), limit=limit, cursor=cursor)

    async def of_booking(self, booking_id: str, *, limit: int = 50) -> tuple[Entry, ...]:
        await yield_control()
        about = (e for e in self.table.all() if e.detail.get("booking") == booking_id)
        return newest_first(_keyed(about), limit=limit, cursor=None)[0]

    async def chain(self, account_id: str) -> AsyncIterator[Entry]:
        await yield_control()
        for entry in self._of(account_id):
            yield entry

    async def every(self) -> AsyncIterator[Entry]:
        await yield_control()
        for entry in sorted(self.table.all(), key=lambda entry: (entry.account_id, entry.seq)):
            yield entry

    async def heads(self) -> AsyncIterator[Head]:
        await yield_control()
        for head in sorted(self._heads.all(), key=lambda head: head.account_id):
            yield head

    def _of(self, account_id: str) -> list[Entry]:
        mine = (entry for entry in self.table.all() if entry.account_id == account_id)
        return sorted(mine, key=lambda entry: entry.seq)


def _keyed(entries: Iterable[Entry]) -> Iterable[tuple[str, Entry]]:
    return ((f"{e.at.isoformat(timespec='milliseconds')}|{e.key}", e) for e in entries)
