"""Periodic jobs in memory. The store's clock is used as the database's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from adapters.memory.repositories.repository import yield_control
from adapters.memory.tables import Table, TableAccess
from core.periodic import Periodic, PeriodicJob
from ports.scheduling import PeriodicJobs


class MemoryPeriodicJobs(PeriodicJobs):
    def __init__(self, tables: TableAccess) -> None:
        self._table: Table[PeriodicJob] = Table(tables, "periodic_jobs")
        self._clock = tables.clock

    async def ensure(self, jobs: Sequence[Periodic]) -> None:
        await yield_control()
        now = self._clock.now()
        for periodic in jobs:
            job = self._table.find(periodic.name)
            if job is None:
                self._put(PeriodicJob.first(periodic, now=now))
            elif job.every != periodic.every:
                self._put(job.with_period(periodic.every, now=now))

    async def claim(
        self, names: Sequence[str], *, lease: timedelta, token: str
    ) -> tuple[PeriodicJob, ...]:
        await yield_control()
        now = self._clock.now()
        due = [job for job in self._table.all() if job.name in names and job.next_at <= now]
        ordered = sorted(due, key=lambda job: (job.next_at, job.name))
        return tuple(self._put(job.claim(token, lease=lease, now=now)) for job in ordered)

    async def finish(self, name: str, *, token: str) -> bool:
        await yield_control()
        job = self._leased(name, token)
        if job is not None:
            self._put(job.finish(now=self._clock.now()))
        return job is not None

    async def fail(self, name: str, *, token: str, error: str) -> bool:
        await yield_control()
        job = self._leased(name, token)
        if job is not None:
            self._put(job.fail(error, now=self._clock.now()))
        return job is not None

    async def all(self) -> tuple[PeriodicJob, ...]:
        await yield_control()
        return tuple(sorted(self._table.all(), key=lambda job: job.name))

    def _leased(self, name: str, token: str) -> PeriodicJob | None:
        job = self._table.find(name)
        return job if job is not None and job.lease == token else None

    def _put(self, job: PeriodicJob) -> PeriodicJob:
        self._table.put(job.name, job)
        return job
