"""Suppressed addresses in MongoDB."""

from __future__ import annotations

from adapters.mongo.collection import Kept
from adapters.mongo.rows import Document
from core.suppressions import Suppression, folded
from ports.suppressions import Suppressions


def to_document(suppression: Suppression) -> Document:
    return {"_id": suppression.email, "reason": suppression.reason, "at": suppression.at}


def from_document(document: Document) -> Suppression:
    return Suppression(document["_id"], document["reason"], document["at"])


class MongoSuppressions(Kept, Suppressions):
    """The address is the `_id`, so the database keeps it unique."""

    name = "suppressions"

    async def find(self, email: str) -> Suppression | None:
        document = await self.rows.find_one({"_id": folded(email)})
        return from_document(document) if document else None

    async def add(self, suppression: Suppression) -> None:
        """Not later than ours: replaced. None: inserted. Else a later one is there and stays;
        who loses a race between the calls looks again."""
        document = to_document(suppression)
        address, at = document["_id"], document["at"]
        while not await self.rows.replace({"_id": address, "at": {"$lte": at}}, document):
            if await self.rows.insert_missing([document]):
                return
            if await self.rows.find_one({"_id": address, "at": {"$gt": at}}):
                return

    async def remove(self, email: str) -> None:
        await self.rows.remove({"_id": folded(email)})
