"""Findings in MongoDB."""

from __future__ import annotations

from pymongo import ASCENDING, IndexModel

from adapters.mongo.collection import Kept
from adapters.mongo.rows import Document
from ports.findings import Finding, Findings


def to_document(finding: Finding) -> Document:
    return {
        "_id": finding.id,
        "kind": finding.kind,
        "subject": finding.subject,
        "detail": finding.detail,
        "at": finding.at,
    }


def from_document(document: Document) -> Finding:
    return Finding(
        id=document["_id"],
        kind=document["kind"],
        subject=document["subject"],
        detail=document["detail"],
        at=document["at"],
    )


class MongoFindings(Kept, Findings):
    name = "findings"
    indexes = (IndexModel([("at", ASCENDING), ("_id", ASCENDING)], name="by_age"),)

    async def report(self, finding: Finding) -> None:
        await self.rows.insert_missing([to_document(finding)])

    async def open(self, *, limit: int = 100) -> tuple[Finding, ...]:
        """The oldest first."""
        order = [("at", ASCENDING), ("_id", ASCENDING)]
        found = await self.rows.find({}, order=order, limit=limit)
        return tuple(from_document(document) for document in found)
