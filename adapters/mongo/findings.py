"""Findings in MongoDB."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pymongo import ASCENDING, IndexModel

from adapters.mongo.driver import Filter, any_of
from adapters.mongo.mapping import DocumentMapping
from adapters.mongo.repository import MongoRepository
from ports.findings import Finding, Findings

FINDINGS = DocumentMapping(Finding)
OPEN: Filter = {"resolved_at": None}


class MongoFindings(MongoRepository, Findings):
    name = "findings"
    indexes = (
        IndexModel(
            [("resolved_at", ASCENDING), ("at", ASCENDING), ("_id", ASCENDING)], name="open_by_age"
        ),
        IndexModel([("kind", ASCENDING), ("subject", ASCENDING)], name="of_subject"),
    )

    async def report(self, finding: Finding) -> None:
        await self.collection.insert_missing([FINDINGS.to_document(finding)])

    async def find(self, finding_id: str) -> Finding | None:
        document = await self.collection.find_one({"_id": finding_id})
        return FINDINGS.from_document(document) if document else None

    async def resolve(self, finding_id: str, *, by: str, how: str, now: datetime) -> bool:
        resolved = {"resolved_at": now, "resolved_by": by, "resolution": how}
        return await self.collection.update({"_id": finding_id, **OPEN}, {"$set": resolved})

    async def reopen(self, finding: Finding) -> bool:
        resolved = {"_id": finding.id, "resolved_at": {"$ne": None}}
        return await self.collection.replace(resolved, FINDINGS.to_document(finding))

    async def open(self, *, limit: int = 100) -> tuple[Finding, ...]:
        """The open findings, oldest first."""
        order = [("at", ASCENDING), ("_id", ASCENDING)]
        found = await self.collection.find(OPEN, order=order, limit=limit)
        return tuple(FINDINGS.from_document(document) for document in found)

    async def of_kinds(
        self, kinds: Sequence[str], *, after: str = "", until: str | None = None
    ) -> tuple[Finding, ...]:
        subjects = {"$gt": after} if until is None else {"$gt": after, "$lte": until}
        found = await self.collection.find({"kind": any_of(kinds), "subject": subjects})
        return tuple(sorted(map(FINDINGS.from_document, found), key=lambda finding: finding.id))
