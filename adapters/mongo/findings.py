"""Findings in MongoDB."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo import ASCENDING, IndexModel

from adapters.mongo.conditions import filter_of, times_of, without_times
from adapters.mongo.driver import Document, Filter, any_of
from adapters.mongo.long_lists import earliest_page, latest_page
from adapters.mongo.mapping import DocumentMapping
from adapters.mongo.repository import MongoRepository, order_key
from ports.conditions import Condition
from ports.findings import Finding, Findings

FINDINGS = DocumentMapping(
    Finding, derived={"order_key": lambda finding: order_key(finding.at, finding.id)}
)
OPEN: Filter = {"resolved_at": None}
OLD_INDEX = "open_by_age"


class MongoFindings(MongoRepository, Findings):
    name = "findings"
    indexes = (
        IndexModel([("resolved_at", ASCENDING), ("order_key", ASCENDING)], name="open_by_time"),
        IndexModel([("order_key", ASCENDING)], name="by_time"),
        IndexModel([("kind", ASCENDING), ("subject", ASCENDING)], name="of_subject"),
    )

    @classmethod
    async def complete(cls, collection: AsyncIOMotorCollection[Document]) -> None:
        """The sort keys of findings that an earlier version has stored, and without its index."""
        missing = {"order_key": {"$exists": False}}
        async for found in collection.find(missing, {"at": 1}):
            key = order_key(found["at"], found["_id"])
            await collection.update_one({"_id": found["_id"]}, {"$set": {"order_key": key}})
        if OLD_INDEX in await collection.index_information():
            await collection.drop_index(OLD_INDEX)

    async def report(self, finding: Finding) -> None:
        await self.collection.insert_missing([FINDINGS.to_document(finding)])

    async def find(self, finding_id: str) -> Finding | None:
        document = await self.collection.find_one({"_id": finding_id})
        return FINDINGS.from_document(document) if document else None

    async def resolve(
        self, finding_id: str, *, by: str, how: str, now: datetime, stands: bool = False
    ) -> bool:
        change = {"resolved_at": now, "resolved_by": by, "resolution": how, "stands": stands}
        resolved = await self.collection.update({"_id": finding_id, **OPEN}, {"$set": change})
        if not resolved and not stands:
            standing = {"_id": finding_id, "stands": True}
            await self.collection.update(standing, {"$set": {"stands": False}})
        return resolved

    async def reopen(self, finding: Finding) -> bool:
        changed = [{"stands": {"$ne": True}}, {"detail": {"$ne": finding.detail}}]
        resolved = {"_id": finding.id, "resolved_at": {"$ne": None}, "$or": changed}
        return await self.collection.replace(resolved, FINDINGS.to_document(finding))

    async def page(
        self,
        *,
        earliest: bool = False,
        limit: int = 20,
        cursor: str | None = None,
        where: Sequence[Condition] = (),
    ) -> tuple[tuple[Finding, ...], str | None]:
        page = earliest_page if earliest else latest_page
        return await page(
            self.collection,
            filter_of(without_times(where, "at")),
            FINDINGS,
            now=self.clock.now(),
            limit=limit,
            cursor=cursor,
            times=times_of(where, "at"),
        )

    async def open(self, *, limit: int = 100) -> tuple[Finding, ...]:
        """The open findings, oldest first."""
        order = [("order_key", ASCENDING)]
        found = await self.collection.find(OPEN, order=order, limit=limit)
        return tuple(FINDINGS.from_document(document) for document in found)

    async def of_kinds(
        self, kinds: Sequence[str], *, after: str = "", until: str | None = None
    ) -> tuple[Finding, ...]:
        subjects = {"$gt": after} if until is None else {"$gt": after, "$lte": until}
        found = await self.collection.find({"kind": any_of(kinds), "subject": subjects})
        return tuple(sorted(map(FINDINGS.from_document, found), key=lambda finding: finding.id))
