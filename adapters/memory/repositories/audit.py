"""The audit trail in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Hashable, Iterable

from adapters.memory.repositories.collection import Facts, Unique, newest_first, pause
from adapters.memory.tables import Rows, View
from core.audit import Entry, Head
from ports.audit import Audit, Page
from ports.store import Duplicate, Stale


class MemoryAudit(Facts[Entry], Audit):
    name = "audit"

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self._places = Unique(view, self.name)
        self._heads: Rows[Head] = Rows(view, "audit_heads")

    def place(self, item: Entry) -> Hashable:
        return item.key

    async def append(self, entry: Entry, head: Head) -> None:
        await pause()
        before = self._heads.find(head.account_id)
        if head.seq == 1 and before is not None:
            raise self.rows.view.spoil(Duplicate())
        if (before.seq if before else 0) != head.seq - 1:
            raise Stale
        if self.rows.find(entry.key) is not None:
            raise self.rows.view.spoil(Duplicate())
        place = [(entry.account_id, entry.seq)]
        self._places.check(entry.key, place)
        self._places.move(entry.key, (), place)
        self._heads.put(head.account_id, head)
        self.rows.put(entry.key, entry)

    async def has(self, key: str) -> bool:
        await pause()
        return self.rows.find(key) is not None

    async def head(self, account_id: str) -> Head | None:
        await pause()
        return self._heads.find(account_id)

    async def last(self, account_id: str) -> Entry | None:
        await pause()
        mine = self._of(account_id)
        return mine[-1] if mine else None

    async def page(self, account_id: str, *, limit: int = 20, cursor: str | None = None) -> Page:
        await pause()
        return newest_first(_keyed(self._of(account_id)), limit=limit, cursor=cursor)

    async def page_of_all(
        self, *, what: str | None = None, limit: int = 20, cursor: str | None = None
    ) -> Page:
        await pause()
        wanted = (entry for entry in self.rows.all() if what in (None, entry.what))
        return newest_first(_keyed(wanted), limit=limit, cursor=cursor)

    async def chain(self, account_id: str) -> AsyncIterator[Entry]:
        await pause()
        for entry in self._of(account_id):
            yield entry

    async def every(self) -> AsyncIterator[Entry]:
        await pause()
        for entry in sorted(self.rows.all(), key=lambda entry: (entry.account_id, entry.seq)):
            yield entry

    async def heads(self) -> AsyncIterator[Head]:
        await pause()
        for head in sorted(self._heads.all(), key=lambda head: head.account_id):
            yield head

    def _of(self, account_id: str) -> list[Entry]:
        mine = (entry for entry in self.rows.all() if entry.account_id == account_id)
        return sorted(mine, key=lambda entry: entry.seq)


def _keyed(entries: Iterable[Entry]) -> Iterable[tuple[str, Entry]]:
    return ((f"{e.at.isoformat(timespec='milliseconds')}|{e.key}", e) for e in entries)
