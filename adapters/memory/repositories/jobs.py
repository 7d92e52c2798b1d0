"""Jobs in memory."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from adapters.memory.repositories.repository import VersionedRepository, newest_first, yield_control
from core.jobs import Job
from ports.jobs import Jobs


class MemoryJobs(VersionedRepository[Job], Jobs):
    name = "jobs"

    def unique_keys(self, entity: Job) -> Sequence[Hashable]:
        return (entity.booking_id,)

    async def find_by_booking(self, booking_id: str) -> Job | None:
        await yield_control()
        return next((job for job in self.table.all() if job.booking_id == booking_id), None)

    async def latest(
        self, *, limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[Job, ...], str | None]:
        await yield_control()
        keyed = ((_key(job), job) for job in self.table.all())
        return newest_first(keyed, limit=limit, cursor=cursor)

    async def of_account(
        self, account_id: str, *, limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[Job, ...], str | None]:
        """Ids sort by creation time, so the id is the sort key."""
        await yield_control()
        keyed = (
            (str(job.id), job)
            for job in self.table.all()
            if account_id in (job.client.account_id, job.developer.account_id)
        )
        return newest_first(keyed, limit=limit, cursor=cursor)


def _key(job: Job) -> str:
    return f"{job.created_at.isoformat(timespec='milliseconds')}|{job.id}"
