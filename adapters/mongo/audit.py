"""The audit trail in MongoDB."""

from __future__ import annotations

from collections.abc import AsyncIterator

from pymongo import ASCENDING, DESCENDING, IndexModel

from adapters.mongo.collection import Kept, newest_first, order_key
from adapters.mongo.rows import Document, View
from core.audit import Entry, Head
from ports.audit import Audit, Page
from ports.store import Stale


def to_document(entry: Entry) -> Document:
    """The key is the `_id`, so it is taken once; `order_key` is derived, for the pages."""
    return {
        "_id": entry.key,
        "account_id": entry.account_id,
        "seq": entry.seq,
        "what": entry.what,
        "at": entry.at,
        "actor": entry.actor,
        "address": entry.address,
        "device": entry.device,
        "detail": dict(entry.detail),
        "previous": entry.previous,
        "seal": entry.seal,
        "order_key": order_key(entry.at, entry.key),
    }


def from_document(document: Document) -> Entry:
    return Entry(
        account_id=document["account_id"],
        seq=document["seq"],
        key=document["_id"],
        what=document["what"],
        at=document["at"],
        actor=document["actor"],
        address=document["address"],
        device=document["device"],
        detail=document["detail"],
        previous=document["previous"],
        seal=document["seal"],
    )


def head_to_document(head: Head) -> Document:
    return {"_id": head.account_id, "seq": head.seq, "last": head.last, "seal": head.seal}


def head_from_document(document: Document) -> Head:
    return Head(document["_id"], document["seq"], document["last"], document["seal"])


class MongoAuditHeads(Kept):
    """One document per chain. Whoever extends a chain changes it, so that two who do so at once
    collide there and one of them runs again."""

    name = "audit_heads"

    async def move(self, head: Head) -> None:
        document = head_to_document(head)
        if head.seq == 1:
            await self.rows.insert(document)
        elif not await self.rows.replace({"_id": head.account_id, "seq": head.seq - 1}, document):
            raise Stale


class MongoAudit(Kept, Audit):
    name = "audit"
    indexes = (
        IndexModel([("account_id", ASCENDING), ("seq", ASCENDING)], name="place", unique=True),
        IndexModel([("account_id", ASCENDING), ("order_key", DESCENDING)], name="of_account"),
        IndexModel([("what", ASCENDING), ("order_key", DESCENDING)], name="of_kind"),
        IndexModel([("order_key", DESCENDING)], name="by_time"),
    )

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self._heads = MongoAuditHeads(view)

    async def append(self, entry: Entry, head: Head) -> None:
        await self._heads.move(head)
        await self.rows.insert(to_document(entry))

    async def has(self, key: str) -> bool:
        return await self.rows.find_one({"_id": key}, fields={"_id": 1}) is not None

    async def head(self, account_id: str) -> Head | None:
        document = await self._heads.rows.find_one({"_id": account_id})
        return head_from_document(document) if document else None

    async def last(self, account_id: str) -> Entry | None:
        document = await self.rows.find_one(
            {"account_id": account_id}, order=[("account_id", DESCENDING), ("seq", DESCENDING)]
        )
        return from_document(document) if document else None

    async def page(self, account_id: str, *, limit: int = 20, cursor: str | None = None) -> Page:
        wanted = {"account_id": account_id}
        return await newest_first(self.rows, wanted, from_document, limit=limit, cursor=cursor)

    async def page_of_all(
        self, *, what: str | None = None, limit: int = 20, cursor: str | None = None
    ) -> Page:
        wanted = {"what": what} if what is not None else {}
        return await newest_first(self.rows, wanted, from_document, limit=limit, cursor=cursor)

    async def chain(self, account_id: str) -> AsyncIterator[Entry]:
        order = [("account_id", ASCENDING), ("seq", ASCENDING)]
        async for document in self.rows.each({"account_id": account_id}, order=order):
            yield from_document(document)

    async def every(self) -> AsyncIterator[Entry]:
        order = [("account_id", ASCENDING), ("seq", ASCENDING)]
        async for document in self.rows.each({}, order=order):
            yield from_document(document)

    async def heads(self) -> AsyncIterator[Head]:
        async for document in self._heads.rows.each({}, order=[("_id", ASCENDING)]):
            yield head_from_document(document)
