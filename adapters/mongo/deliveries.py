"""Deliveries in MongoDB."""

from __future__ import annotations

from collections.abc import Sequence

from pymongo import ASCENDING, IndexModel

from adapters.mongo.collection import Kept
from adapters.mongo.rows import Document
from core.deliveries import Delivery, DeliveryId
from ports.deliveries import Deliveries


def to_document(delivery: Delivery) -> Document:
    return {
        "_id": delivery.id,
        "job_id": delivery.job_id,
        "booking_id": delivery.booking_id,
        "number": delivery.number,
        "note": delivery.note,
        "at": delivery.at,
    }


def from_document(document: Document) -> Delivery:
    return Delivery(
        id=DeliveryId(document["_id"]),
        job_id=document["job_id"],
        booking_id=document["booking_id"],
        number=document["number"],
        note=document["note"],
        at=document["at"],
    )


class MongoDeliveries(Kept, Deliveries):
    name = "deliveries"
    indexes = (
        IndexModel([("job_id", ASCENDING), ("number", ASCENDING)], name="number_once", unique=True),
    )

    async def add(self, delivery: Delivery) -> None:
        await self.rows.insert(to_document(delivery))

    async def of_jobs(self, job_ids: Sequence[str]) -> dict[str, tuple[Delivery, ...]]:
        wanted = {"job_id": {"$in": list(job_ids)}}
        found = [from_document(each) for each in await self.rows.find(wanted, order=[])]
        found.sort(key=lambda delivery: delivery.number)
        return {
            job_id: tuple(each for each in found if each.job_id == job_id)
            for job_id in {delivery.job_id for delivery in found}
        }

    async def of_job(self, job_id: str) -> tuple[Delivery, ...]:
        found = await self.rows.find({"job_id": job_id}, order=[("number", ASCENDING)])
        return tuple(from_document(document) for document in found)
