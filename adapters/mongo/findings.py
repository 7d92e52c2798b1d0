"""Findings in MongoDB."""

from __future__ import annotations

from pymongo import ASCENDING, IndexModel

from adapters.mongo.mapping import DocumentMapping
from adapters.mongo.repository import MongoRepository
from ports.findings import Finding, Findings

FINDINGS = DocumentMapping(Finding)


class MongoFindings(MongoRepository, Findings):
    name = "findings"
    indexes = (IndexModel([("at", ASCENDING), ("_id", ASCENDING)], name="by_age"),)

    async def report(self, finding: Finding) -> None:
        await self.collection.insert_missing([FINDINGS.to_document(finding)])

    async def open(self, *, limit: int = 100) -> tuple[Finding, ...]:
        """The open findings, oldest first."""
        order = [("at", ASCENDING), ("_id", ASCENDING)]
        found = await self.collection.find({}, order=order, limit=limit)
        return tuple(FINDINGS.from_document(document) for document in found)
