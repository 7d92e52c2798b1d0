"""Jobs in MongoDB."""

from __future__ import annotations

from pymongo import ASCENDING, DESCENDING, IndexModel

from adapters.mongo.long_lists import latest_page
from adapters.mongo.mapping import DocumentMapping
from adapters.mongo.repository import VersionedRepository, newest_first, order_key
from core.jobs import Job
from ports.jobs import Jobs

JOBS = DocumentMapping(
    Job,
    derived={
        "accounts": lambda job: [job.client.account_id, job.developer.account_id],
        "order_key": lambda job: order_key(job.created_at, job.id),
    },
)


class MongoJobs(VersionedRepository[Job], Jobs):
    name = "jobs"
    mapping = JOBS
    indexes = (
        IndexModel([("booking_id", ASCENDING)], name="booking_once", unique=True),
        IndexModel([("accounts", ASCENDING), ("order_key", DESCENDING)], name="of_account"),
        IndexModel([("order_key", DESCENDING)], name="by_time"),
    )

    async def find_by_booking(self, booking_id: str) -> Job | None:
        return await self.find_where({"booking_id": booking_id})

    async def latest(
        self, *, limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[Job, ...], str | None]:
        now = self.clock.now()
        return await latest_page(self.collection, {}, JOBS, now=now, limit=limit, cursor=cursor)

    async def of_account(
        self, account_id: str, *, limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[Job, ...], str | None]:
        wanted = {"accounts": account_id}
        return await newest_first(self.collection, wanted, JOBS, limit=limit, cursor=cursor)
