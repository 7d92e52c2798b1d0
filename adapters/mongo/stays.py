"""Stays in calls, in MongoDB. A note is one update that needs no earlier state."""

from __future__ import annotations

from pymongo import ASCENDING, IndexModel

from adapters.mongo.mapping import DocumentMapping
from adapters.mongo.repository import MongoRepository
from core.bookings import BookingId
from core.calls import Stay
from ports.calls import Stays

STAYS = DocumentMapping(Stay, id_field=None, derived={"_id": lambda stay: stay.key})
LATEST = ("seen_at", "left_at", "inside", "trouble")


class MongoStays(MongoRepository, Stays):
    name = "stays"
    indexes = (IndexModel([("booking_id", ASCENDING), ("came_at", ASCENDING)], name="of_booking"),)

    async def note(self, stay: Stay) -> None:
        """False is less than True, and null less than every time."""
        document = STAYS.to_document(stay)
        change = {
            "$min": {"came_at": document["came_at"]},
            "$max": {name: document[name] for name in LATEST if document[name] is not None},
        }
        this = {"_id": stay.key}
        if await self.collection.update(this, change):
            return
        if not await self.collection.insert_missing([document]):
            await self.collection.update(this, change)

    async def of_booking(self, booking_id: BookingId) -> tuple[Stay, ...]:
        order = [("came_at", ASCENDING), ("_id", ASCENDING)]
        found = await self.collection.find({"booking_id": booking_id}, order=order)
        return tuple(STAYS.from_document(document) for document in found)
