"""A person's jobs and deliveries: exported in full, kept without the name after erasure."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import ClassVar

from core.jobs import Job
from ports.store import Repositories, Store
from services.shared.personal_data import PAGE, PersonalData, Subject, every
from services.timeline import without_name


class JobData(PersonalData):
    kept: ClassVar[Mapping[str, str]] = {
        "deliveries.note": "part of the work that was delivered to the other party",
        "deliveries.files.name": "part of the work that was delivered to the other party",
        "deliveries.files.sha256": "proves what was delivered",
        "jobs.client.timezone": "the job is shown to the other party in it",
        "jobs.developer.timezone": "the job is shown to the other party in it",
        "jobs.dispute_id": "it names the newest case about the job",
    }

    async def export(self, repositories: Repositories, subject: Subject) -> Mapping[str, object]:
        jobs = [job async for job in _jobs_of(repositories, subject.account.id)]
        deliveries = await repositories.deliveries.of_jobs([job.id for job in jobs])
        return {
            "jobs": jobs,
            "deliveries": [each for job in jobs for each in deliveries.get(job.id, ())],
        }

    async def erase_history(self, store: Store, account_id: str) -> bool:
        async for job in _jobs_of(store.repositories, account_id):
            await _erase_name(store, job, account_id)
        return False


def _jobs_of(repositories: Repositories, account_id: str) -> AsyncIterator[Job]:
    return every(lambda cursor: repositories.jobs.of_account(account_id, limit=PAGE, cursor=cursor))


async def _erase_name(store: Store, job: Job, account_id: str) -> None:
    async def step(repositories: Repositories) -> None:
        current = await repositories.jobs.get(job.id)
        nameless = replace(
            current,
            client=without_name(current.client, account_id),
            developer=without_name(current.developer, account_id),
        )
        if nameless != current:
            await repositories.jobs.save(nameless)

    await store.transact(step)
