"""The timeline in MongoDB."""

from __future__ import annotations

from collections.abc import Sequence

from bson import ObjectId
from pymongo import ASCENDING, IndexModel

from adapters.mongo.mapping import DocumentMapping
from adapters.mongo.repository import MongoRepository
from core.timeline import Entry
from ports.timeline import Timeline

TIMELINE = DocumentMapping(Entry, derived={"written": lambda _: ObjectId()})
"""`written` increases within a process: the order of entries of one step with the same time."""

BY_TIME = [("at", ASCENDING), ("written", ASCENDING)]


class MongoTimeline(MongoRepository, Timeline):
    name = "timeline"
    indexes = (
        IndexModel(
            [("booking_id", ASCENDING), *BY_TIME],
            name="of_booking",
        ),
    )

    async def add(self, entry: Entry) -> None:
        await self.collection.insert(TIMELINE.to_document(entry))

    async def of_booking(self, booking_id: str) -> tuple[Entry, ...]:
        found = await self.collection.find({"booking_id": booking_id}, order=BY_TIME)
        return tuple(TIMELINE.from_document(document) for document in found)

    async def of_bookings(self, booking_ids: Sequence[str]) -> tuple[Entry, ...]:
        found = await self.collection.find(
            {"booking_id": {"$in": list(booking_ids)}}, order=BY_TIME
        )
        return tuple(TIMELINE.from_document(document) for document in found)
