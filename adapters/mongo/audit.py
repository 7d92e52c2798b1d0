"""The audit trail in MongoDB."""

from __future__ import annotations

from collections.abc import AsyncIterator

from pymongo import ASCENDING, DESCENDING, IndexModel

from adapters.mongo.context import RepositoryContext
from adapters.mongo.long_lists import latest_page
from adapters.mongo.mapping import DocumentMapping
from adapters.mongo.repository import MongoRepository, newest_first, order_key
from core.audit import Entry, Head
from ports.audit import Audit, Page
from ports.store import Stale

ENTRIES = DocumentMapping(
    Entry, id_field="key", derived={"order_key": lambda entry: order_key(entry.at, entry.key)}
)
HEADS = DocumentMapping(Head, id_field="account_id")


async def _stale() -> Exception:
    return Stale()


class MongoAuditHeads(MongoRepository):
    """One document per chain. Every append changes it, so that of two concurrent appends to a
    chain one has a write conflict and runs again."""

    name = "audit_heads"

    async def move(self, head: Head) -> None:
        document = HEADS.to_document(head)
        if head.seq == 1:
            await self.collection.insert(document)
            return
        before = {"_id": head.account_id, "seq": head.seq - 1}
        await self.collection.replace_or_raise(before, document, _stale)


class MongoAudit(MongoRepository, Audit):
    name = "audit"
    extra_collections = (MongoAuditHeads,)
    indexes = (
        IndexModel([("account_id", ASCENDING), ("seq", ASCENDING)], name="place", unique=True),
        IndexModel([("account_id", ASCENDING), ("order_key", DESCENDING)], name="of_account"),
        IndexModel([("what", ASCENDING), ("order_key", DESCENDING)], name="of_kind"),
        IndexModel([("order_key", DESCENDING)], name="by_time"),
        IndexModel([("detail.booking", ASCENDING), ("order_key", DESCENDING)], name="of_booking"),
    )

    def __init__(self, context: RepositoryContext) -> None:
        super().__init__(context)
        self._heads = MongoAuditHeads(context)

    async def append(self, entry: Entry, head: Head) -> None:
        await self._heads.move(head)
        await self.collection.insert(ENTRIES.to_document(entry))

    async def has(self, key: str) -> bool:
        return await self.collection.find_one({"_id": key}, fields={"_id": 1}) is not None

    async def head(self, account_id: str) -> Head | None:
        document = await self._heads.collection.find_one({"_id": account_id})
        return HEADS.from_document(document) if document else None

    async def last(self, account_id: str) -> Entry | None:
        document = await self.collection.find_one(
            {"account_id": account_id}, order=[("account_id", DESCENDING), ("seq", DESCENDING)]
        )
        return ENTRIES.from_document(document) if document else None

    async def page(self, account_id: str, *, limit: int = 20, cursor: str | None = None) -> Page:
        wanted = {"account_id": account_id}
        return await newest_first(self.collection, wanted, ENTRIES, limit=limit, cursor=cursor)

    async def page_of_all(
        self, *, what: str | None = None, limit: int = 20, cursor: str | None = None
    ) -> Page:
        wanted = {"what": what} if what is not None else {}
        now = self.clock.now()
        return await latest_page(
            self.collection, wanted, ENTRIES, now=now, limit=limit, cursor=cursor
        )

    async def of_booking(self, booking_id: str, *, limit: int = 50) -> tuple[Entry, ...]:
        wanted = {"detail.booking": booking_id}
        order = [("order_key", DESCENDING)]
        found = await self.collection.find(wanted, order=order, limit=limit)
        return tuple(map(ENTRIES.from_document, found))

    async def chain(self, account_id: str) -> AsyncIterator[Entry]:
        order = [("account_id", ASCENDING), ("seq", ASCENDING)]
        async for document in self.collection.each({"account_id": account_id}, order=order):
            yield ENTRIES.from_document(document)

    async def every(self) -> AsyncIterator[Entry]:
        order = [("account_id", ASCENDING), ("seq", ASCENDING)]
        async for document in self.collection.each({}, order=order):
            yield ENTRIES.from_document(document)

    async def heads(self) -> AsyncIterator[Head]:
        async for document in self._heads.collection.each({}, order=[("_id", ASCENDING)]):
            yield HEADS.from_document(document)
