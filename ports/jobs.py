"""The repository of jobs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from core.jobs import Job, JobId


class Jobs(Protocol):
    """One job per booking: adding a second raises `Duplicate`."""

    async def get(self, job_id: JobId) -> Job: ...
    async def find_by_booking(self, booking_id: str) -> Job | None: ...
    async def many(self, job_ids: Sequence[str]) -> dict[str, Job]:
        """Those that exist, by id, in one query."""
        ...

    async def add(self, job: Job) -> Job: ...
    async def save(self, job: Job) -> Job: ...
    async def latest(
        self, *, limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[Job, ...], str | None]:
        """All jobs, latest created first, and the next cursor."""
        ...

    async def of_account(
        self, account_id: str, *, limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[Job, ...], str | None]:
        """Jobs of an account as client or developer, latest first, and the next cursor."""
        ...
