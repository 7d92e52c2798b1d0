"""Deliveries in MongoDB."""

from __future__ import annotations

from collections.abc import Sequence

from pymongo import ASCENDING, IndexModel

from adapters.mongo.mapping import DocumentMapping
from adapters.mongo.repository import MongoRepository
from core.deliveries import Delivery
from ports.deliveries import Deliveries

DELIVERIES = DocumentMapping(Delivery)


class MongoDeliveries(MongoRepository, Deliveries):
    name = "deliveries"
    indexes = (
        IndexModel([("job_id", ASCENDING), ("number", ASCENDING)], name="number_once", unique=True),
    )

    async def add(self, delivery: Delivery) -> None:
        await self.collection.insert(DELIVERIES.to_document(delivery))

    async def of_jobs(self, job_ids: Sequence[str]) -> dict[str, tuple[Delivery, ...]]:
        wanted = {"job_id": {"$in": list(job_ids)}}
        found = [
            DELIVERIES.from_document(each) for each in await self.collection.find(wanted, order=[])
        ]
        found.sort(key=lambda delivery: delivery.number)
        return {
            job_id: tuple(each for each in found if each.job_id == job_id)
            for job_id in {delivery.job_id for delivery in found}
        }

    async def of_job(self, job_id: str) -> tuple[Delivery, ...]:
        found = await self.collection.find({"job_id": job_id}, order=[("number", ASCENDING)])
        return tuple(DELIVERIES.from_document(document) for document in found)
