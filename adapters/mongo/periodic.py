"""Periodic jobs in MongoDB.

Each change reads the server's time and the document, computes the next state with the entity, and
replaces the document if it has not changed in the meantime. The time read is never later than
that of the write, so nothing is claimed too early. A lease can be shorter by a round trip, never
longer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from pymongo import ASCENDING, IndexModel

from adapters.mongo.mapping import DocumentMapping, to_value
from adapters.mongo.repository import MongoRepository
from core.periodic import Periodic, PeriodicJob
from ports.scheduling import PeriodicJobs

PERIODIC_JOBS = DocumentMapping(
    PeriodicJob, id_field="name", derived={"next_at": lambda job: job.next_at}
)


class MongoPeriodicJobs(MongoRepository, PeriodicJobs):
    """There are at most some dozens of documents."""

    name = "periodic_jobs"
    indexes = (IndexModel([("next_at", ASCENDING)], name="due"),)

    async def ensure(self, jobs: Sequence[Periodic]) -> None:
        now = await self.collection.server_time()
        first = [PeriodicJob.first(periodic, now=now) for periodic in jobs]
        await self.collection.insert_missing([PERIODIC_JOBS.to_document(job) for job in first])
        for periodic in jobs:
            await self._set_period(periodic, now)

    async def _set_period(self, periodic: Periodic, now: datetime) -> None:
        while (job := await self._find(periodic.name)) and job.every != periodic.every:
            if await self._replace(job, job.with_period(periodic.every, now=now)):
                return

    async def claim(
        self, names: Sequence[str], *, lease: timedelta, token: str
    ) -> tuple[PeriodicJob, ...]:
        """Two round trips when nothing is due."""
        now = await self.collection.server_time()
        order = [("next_at", ASCENDING), ("_id", ASCENDING)]
        found = await self.collection.find({"next_at": {"$lte": now}}, order=order)
        due = [
            PERIODIC_JOBS.from_document(document) for document in found if document["_id"] in names
        ]
        claims = [(job, job.claim(token, lease=lease, now=now)) for job in due]
        return tuple([claimed for job, claimed in claims if await self._replace(job, claimed)])

    async def finish(self, name: str, *, token: str) -> bool:
        now = await self.collection.server_time()
        return await self._end(name, token, lambda job: job.finish(now=now))

    async def fail(self, name: str, *, token: str, error: str) -> bool:
        now = await self.collection.server_time()
        return await self._end(name, token, lambda job: job.fail(error, now=now))

    async def all(self) -> tuple[PeriodicJob, ...]:
        found = await self.collection.find({}, order=[("_id", ASCENDING)])
        return tuple(PERIODIC_JOBS.from_document(document) for document in found)

    async def _end(
        self, name: str, token: str, change: Callable[[PeriodicJob], PeriodicJob]
    ) -> bool:
        """Store the change. Repeated if only the period was changed in the meantime."""
        while (job := await self._find(name)) and job.lease == token:
            if await self._replace(job, change(job)):
                return True
        return False

    async def _find(self, name: str) -> PeriodicJob | None:
        document = await self.collection.find_one({"_id": name})
        return PERIODIC_JOBS.from_document(document) if document else None

    async def _replace(self, seen: PeriodicJob, job: PeriodicJob) -> bool:
        """Compare and set: every change of a document changes one of these fields."""
        unchanged = {
            "_id": seen.name,
            "lease": seen.lease,
            "next_at": seen.next_at,
            "every": to_value(seen.every),
        }
        return await self.collection.replace(unchanged, PERIODIC_JOBS.to_document(job))
