"""Periodic jobs of a store: one row per job, leased to one worker at a time.

The time is the store's own. Tests wait for it; a store whose clock a test can move replaces the
fixture `pass_time`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from itertools import count

import pytest

from core.periodic import ABANDONED, Periodic, PeriodicJob
from core.policy import DAY, HOUR
from onehour.testing.samples.periodic import WATCH
from ports.store import Store

SECOND = timedelta(seconds=1)
PassTime = Callable[[timedelta], Awaitable[None]]
CLEAN = Periodic("files.clean", DAY)
NAMES = (WATCH.name, CLEAN.name)
TOKENS = count(1)


async def claim(
    store: Store, *, lease: timedelta = HOUR, names: tuple[str, ...] = NAMES
) -> tuple[PeriodicJob, ...]:
    token = f"token {next(TOKENS)}"
    return await store.repositories.periodic_jobs.claim(names, lease=lease, token=token)


async def claim_one(store: Store, *, lease: timedelta = HOUR) -> tuple[PeriodicJob, str]:
    (job,) = await claim(store, lease=lease, names=(WATCH.name,))
    assert job.lease
    return job, job.lease


async def claim_from(
    moment: datetime | None, store: Store, pass_time: PassTime
) -> tuple[PeriodicJob, str]:
    """Nobody gets the job before this moment, which is a second after the last change of it. On a
    slow machine it may be over already."""
    early = await claim(store, names=(WATCH.name,))
    if not early:
        await pass_time(SECOND)
    (job,) = early or await claim(store, names=(WATCH.name,))
    assert moment is not None
    assert job.last_started_at is not None
    assert job.last_started_at >= moment
    assert job.lease
    return job, job.lease


async def found(store: Store, name: str = WATCH.name) -> PeriodicJob:
    (job,) = [job for job in await store.repositories.periodic_jobs.all() if job.name == name]
    return job


class PeriodicJobsContract:
    """Provide `store`."""

    @pytest.fixture
    def pass_time(self) -> PassTime:
        async def wait(by: timedelta) -> None:
            await asyncio.sleep(by.total_seconds())

        return wait

    async def test_a_new_job_is_due_at_once_and_all_are_listed_by_name(self, store: Store) -> None:
        await store.repositories.periodic_jobs.ensure([WATCH, CLEAN])

        jobs = await store.repositories.periodic_jobs.all()

        assert jobs == (
            PeriodicJob("files.clean", DAY, due_at=jobs[0].due_at),
            PeriodicJob("outbox.watch", HOUR, due_at=jobs[1].due_at),
        )
        assert {job.name for job in await claim(store)} == set(NAMES)

    async def test_ensuring_again_changes_nothing(self, store: Store) -> None:
        await store.repositories.periodic_jobs.ensure([WATCH, CLEAN])
        await claim_one(store)
        before = await store.repositories.periodic_jobs.all()

        await asyncio.gather(
            *(store.repositories.periodic_jobs.ensure([WATCH, CLEAN]) for _ in range(5))
        )

        assert await store.repositories.periodic_jobs.all() == before

    async def test_nothing_is_claimed_without_a_row_or_for_another_name(self, store: Store) -> None:
        assert await claim(store) == ()
        await store.repositories.periodic_jobs.ensure([WATCH])
        assert await claim(store, names=(CLEAN.name,)) == ()
        assert await claim(store, names=()) == ()

    async def test_jobs_of_other_code_are_not_claimed(self, store: Store) -> None:
        await store.repositories.periodic_jobs.ensure([WATCH])
        await store.repositories.periodic_jobs.ensure([CLEAN])

        jobs = await store.repositories.periodic_jobs.all()

        assert [job.name for job in jobs] == sorted(NAMES)

    async def test_a_claim_comes_back_as_it_is_stored(self, store: Store) -> None:
        await store.repositories.periodic_jobs.ensure([WATCH])

        job, token = await claim_one(store)

        assert job == await found(store)
        assert job.last_started_at is not None
        assert job.last_started_at >= job.due_at
        assert (job.lease, job.attempts) == (token, 1)
        assert job.lease_until == job.last_started_at + HOUR

    async def test_of_many_workers_one_gets_a_job(self, store: Store) -> None:
        jobs = [Periodic(f"jobs.number_{number}", HOUR) for number in range(5)]
        names = tuple(job.name for job in jobs)
        await store.repositories.periodic_jobs.ensure(jobs)

        claims = await asyncio.gather(*(claim(store, names=names) for _ in range(12)))

        assert sorted(job.name for claimed in claims for job in claimed) == sorted(names)

    async def test_a_success_is_recorded_and_the_job_is_not_due_again(self, store: Store) -> None:
        await store.repositories.periodic_jobs.ensure([WATCH])
        job, token = await claim_one(store)

        assert await store.repositories.periodic_jobs.finish(job.name, token=token)

        done = await found(store)
        assert done.last_finished_at is not None
        assert done == job.finish(now=done.last_finished_at)
        assert await claim(store) == ()
        assert not await store.repositories.periodic_jobs.finish(job.name, token=token)

    async def test_a_failed_job_is_due_again_after_a_pause(
        self, store: Store, pass_time: PassTime
    ) -> None:
        await store.repositories.periodic_jobs.ensure([Periodic(WATCH.name, SECOND)])
        job, token = await claim_one(store)

        assert await store.repositories.periodic_jobs.fail(job.name, token=token, error="boom")

        failed = await found(store)
        assert failed.retry_at is not None
        assert failed == job.fail("boom", now=failed.retry_at - SECOND)
        again, _ = await claim_from(failed.retry_at, store, pass_time)
        assert (again.attempts, again.last_error, again.due_at) == (2, "boom", job.due_at)

    async def test_when_a_lease_ends_another_takes_over_and_the_first_can_record_nothing(
        self, store: Store, pass_time: PassTime
    ) -> None:
        jobs = store.repositories.periodic_jobs
        await jobs.ensure([WATCH])
        job, slow = await claim_one(store, lease=SECOND)

        taken, quick = await claim_from(job.lease_until, store, pass_time)

        assert (taken.attempts, taken.last_error) == (2, ABANDONED)
        assert not await jobs.finish(job.name, token=slow)
        assert not await jobs.fail(job.name, token=slow, error="too late")
        assert await found(store) == taken
        assert await jobs.finish(job.name, token=quick)

    @pytest.mark.parametrize("name", ["outbox.watch", "none.such"])
    async def test_who_never_had_the_lease_can_record_nothing(
        self, store: Store, name: str
    ) -> None:
        jobs = store.repositories.periodic_jobs
        await jobs.ensure([WATCH])
        before = await jobs.all()

        assert not await jobs.finish(name, token="a guess")
        assert not await jobs.fail(name, token="a guess", error="boom")
        assert await jobs.all() == before

    async def test_missed_periods_are_run_once(self, store: Store, pass_time: PassTime) -> None:
        await store.repositories.periodic_jobs.ensure([Periodic(WATCH.name, SECOND)])
        await pass_time(2.5 * SECOND)
        job, token = await claim_one(store)

        await store.repositories.periodic_jobs.finish(job.name, token=token)

        done = await found(store)
        assert done.last_finished_at is not None
        assert done.due_at > done.last_finished_at
        assert done.due_at - job.due_at >= 3 * SECOND
        assert (done.due_at - job.due_at) % SECOND == timedelta()

    async def test_a_period_that_changed_in_the_code_takes_effect(
        self, store: Store, pass_time: PassTime
    ) -> None:
        jobs = store.repositories.periodic_jobs
        await jobs.ensure([WATCH])
        job, token = await claim_one(store)
        await jobs.finish(job.name, token=token)

        await jobs.ensure([Periodic(WATCH.name, SECOND)])

        assert (await found(store)).every == SECOND
        await pass_time(SECOND)
        await claim_one(store)

    async def test_a_period_can_change_while_the_job_runs(self, store: Store) -> None:
        jobs = store.repositories.periodic_jobs
        await jobs.ensure([WATCH])
        job, token = await claim_one(store)

        await jobs.ensure([Periodic(WATCH.name, DAY)])
        assert await claim(store) == ()
        assert await jobs.finish(job.name, token=token)

        done = await found(store)
        assert (done.every, done.due_at) == (DAY, job.due_at + DAY)
