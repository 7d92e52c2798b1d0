"""Suppressed addresses in MongoDB."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pymongo import ASCENDING, IndexModel

from adapters.mongo.mapping import DocumentMapping
from adapters.mongo.repository import MongoRepository
from core.suppressions import Suppression, folded
from ports.suppressions import Suppressions

SUPPRESSIONS = DocumentMapping(Suppression, id_field="email")


class MongoSuppressions(MongoRepository, Suppressions):
    """The address is the `_id`, so that it is unique."""

    name = "suppressions"
    indexes = (IndexModel([("at", ASCENDING), ("_id", ASCENDING)], name="by_time"),)

    async def find(self, email: str) -> Suppression | None:
        document = await self.collection.find_one({"_id": folded(email)})
        return SUPPRESSIONS.from_document(document) if document else None

    async def listed(self, emails: Sequence[str]) -> frozenset[str]:
        found = await self.collection.find_with("_id", [folded(email) for email in emails])
        addresses = {document["_id"] for document in found}
        return frozenset(email for email in emails if folded(email) in addresses)

    async def since(self, moment: datetime, *, limit: int) -> tuple[Suppression, ...]:
        found = await self.collection.find(
            {"at": {"$gte": moment}}, order=[("at", ASCENDING), ("_id", ASCENDING)], limit=limit
        )
        return tuple(map(SUPPRESSIONS.from_document, found))

    async def add(self, suppression: Suppression) -> None:
        """Replace an entry that is not later, or insert a missing one. Repeated if another caller
        changes the entry between these calls."""
        document = SUPPRESSIONS.to_document(suppression)
        address, at = document["_id"], document["at"]
        while not await self.collection.replace({"_id": address, "at": {"$lte": at}}, document):
            if await self.collection.insert_missing([document]):
                return
            if await self.collection.find_one({"_id": address, "at": {"$gt": at}}):
                return

    async def remove(self, email: str) -> None:
        await self.collection.remove({"_id": folded(email)})
