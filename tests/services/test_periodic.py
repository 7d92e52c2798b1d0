"""Periodic jobs: run once per period by one worker, again after a failure, and reported."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import cast

import pytest

from adapters.memory.clock import FixedClock
from adapters.memory.repositories.registry import MemoryRepositories
from adapters.memory.store import MemoryStore
from core.errors import Unavailable
from core.outbox import OutboxId, OutboxMessage
from core.periodic import Periodic, PeriodicJob
from core.policy import HOUR, MINUTE
from ports.findings import Finding
from services.outbox.periodic import LEASE, LONGEST_RUN, PeriodicRunner
from services.outbox.watch import OutboxWatch
from services.shared.capabilities import Capability, WrongCapability, assemble
from services.shared.dependencies import Dependencies
from services.shared.periodic import PeriodicTask, periodic, periodic_of
from tests.app import MONDAY, MemoryApp

SECOND = timedelta(seconds=1)
NAME = "reports.send"


@dataclass
class Reports:
    """A service with one periodic job, which raises the exceptions in `trouble` first."""

    trouble: BaseException | None = None
    sent: int = 0
    wait: Callable[[], Awaitable[object]] | None = field(default=None)

    @periodic(NAME, every=10 * MINUTE)
    async def send(self) -> None:
        await asyncio.sleep(0)
        if self.wait:
            await self.wait()
        if self.trouble:
            raise self.trouble
        self.sent += 1

    async def another(self) -> None:
        """Not declared, so not run."""


async def runner(app: MemoryApp, *services: object) -> PeriodicRunner:
    """A worker that has started."""
    tasks = {task.periodic.name: task for each in services for task in periodic_of(each)}
    started = PeriodicRunner(store=app.store, ids=app.ids, tasks=tasks)
    await started.ensure()
    return started


async def run(worker: PeriodicRunner) -> int:
    """Runs what is due now; returns the number of jobs."""
    started = await worker.start_due()
    await asyncio.gather(*started)
    return len(started)


async def stored(app: MemoryApp) -> PeriodicJob:
    jobs = await app.store.repositories.periodic_jobs.all()
    return next(job for job in jobs if job.name == NAME)


async def fail_in_a_row(app: MemoryApp, worker: PeriodicRunner, *, times: int) -> None:
    for _ in range(times):
        app.clock.set(max(app.clock.now(), (await stored(app)).next_at))
        assert await run(worker) == 1


def test_the_jobs_of_a_service_are_those_its_methods_declare() -> None:
    reports = Reports()

    (task,) = periodic_of(reports)

    assert task == PeriodicTask(Periodic(NAME, 10 * MINUTE), reports.send)
    assert list(periodic_of(object())) == []


def test_a_wrong_declaration_stops_the_import() -> None:
    with pytest.raises(ValueError, match="is not a name of a periodic job"):
        periodic("send", every=MINUTE)


def test_two_jobs_of_one_name_stop_the_start() -> None:
    def record(name: str) -> Capability:
        return Capability(name=name, build=lambda *_: {name: Reports()}, personal_data=None)

    records = [record("reports"), record("others")]

    with pytest.raises(WrongCapability, match=r"^The periodic job reports\.send is declared twice"):
        assemble(records, cast(Dependencies, None))  # which these do not use


async def test_a_job_runs_once_per_period(app: MemoryApp) -> None:
    reports = Reports()
    worker = await runner(app, reports)

    for _ in range(60):  # one hour of polls, a minute apart
        await run(worker)
        app.clock.advance(MINUTE)

    assert reports.sent == 6


async def test_a_missed_period_is_run_once(app: MemoryApp) -> None:
    reports = Reports()
    worker = await runner(app, reports)
    await run(worker)

    app.clock.advance(7 * HOUR + MINUTE)

    assert [await run(worker) for _ in range(3)] == [1, 0, 0]
    assert reports.sent == 2
    assert (await stored(app)).due_at == MONDAY + 7 * HOUR + 10 * MINUTE


async def test_two_workers_share_the_jobs_without_running_one_twice(app: MemoryApp) -> None:
    one, other = Reports(), Reports()
    workers = [await runner(app, one), await runner(app, other)]

    for _ in range(10):
        await asyncio.gather(*(run(worker) for worker in workers for _ in range(3)))
        app.clock.advance(10 * MINUTE)

    assert one.sent + other.sent == 10


async def test_the_clock_of_a_worker_has_no_say(app: MemoryApp) -> None:
    """The worker's services are ten minutes ahead; what is due is up to the store's clock."""
    ahead = MemoryApp(clock=FixedClock(MONDAY + 10 * MINUTE), store=app.store)
    reports = Reports()
    worker = await runner(ahead, reports)

    await run(worker)
    for _ in range(9):
        ahead.clock.advance(MINUTE)
        app.clock.advance(MINUTE)
        assert await run(worker) == 0
    app.clock.advance(MINUTE)

    assert await run(worker) == 1
    assert reports.sent == 2


async def test_a_job_that_fails_is_tried_again_soon_and_its_error_is_visible(
    app: MemoryApp,
) -> None:
    reports = Reports(trouble=RuntimeError("boom"))
    worker = await runner(app, reports)

    await run(worker)

    failed = await stored(app)
    assert (failed.attempts, failed.last_error) == (1, "RuntimeError('boom')")
    assert failed.next_at == MONDAY + 5 * SECOND
    assert await worker.failing() == [NAME]
    assert await run(worker) == 0

    reports.trouble = None
    app.clock.advance(5 * SECOND)
    await run(worker)

    assert reports.sent == 1
    assert await worker.failing() == []
    assert (await stored(app)).due_at == MONDAY + 10 * MINUTE


async def test_one_failure_leaves_other_jobs_alone(app: MemoryApp) -> None:
    class Others:
        done = 0

        @periodic("others.work", every=MINUTE)
        async def work(self) -> None:
            self.done += 1

    others = Others()
    worker = await runner(app, Reports(trouble=RuntimeError("boom")), others)

    assert await run(worker) == 2

    assert others.done == 1


async def test_three_failures_in_a_row_are_reported_once(app: MemoryApp) -> None:
    reports = Reports(trouble=RuntimeError("boom"))
    worker = await runner(app, reports)

    await fail_in_a_row(app, worker, times=3)
    assert await app.store.repositories.findings.open() == ()
    await fail_in_a_row(app, worker, times=5)

    (finding,) = await app.store.repositories.findings.open()
    assert finding == Finding(
        id="periodic:reports.send:2026-11-23T06:00:00Z",
        kind="periodic_job_failed",
        subject=NAME,
        detail="reports.send failed 3 times in a row: RuntimeError('boom')",
        at=MONDAY + 35 * SECOND,
    )


async def test_failures_after_a_success_are_a_series_of_their_own(app: MemoryApp) -> None:
    reports = Reports(trouble=RuntimeError("boom"))
    worker = await runner(app, reports)
    await fail_in_a_row(app, worker, times=4)
    reports.trouble = None
    await fail_in_a_row(app, worker, times=1)
    assert (await stored(app)).attempts == 0

    reports.trouble = RuntimeError("boom")
    await fail_in_a_row(app, worker, times=4)

    assert len(await app.store.repositories.findings.open()) == 2


async def test_a_job_that_kills_its_workers_is_reported(app: MemoryApp) -> None:
    """Nobody is left to record a failure, so the leases that ran out count."""
    worker = await runner(app, Reports())
    for number in range(3):
        await app.store.repositories.periodic_jobs.claim([NAME], lease=LEASE, token=f"{number}")
        app.clock.advance(LEASE)

    await run(worker)

    (finding,) = await app.store.repositories.findings.open()
    assert finding.kind == "periodic_job_failed"
    assert "The worker stopped, or lost its lease" in finding.detail


async def test_a_job_that_never_ends_is_stopped_before_its_lease_does(app: MemoryApp) -> None:
    assert LONGEST_RUN < LEASE
    worker = replace(await runner(app, Reports(wait=asyncio.Event().wait)), longest_run=SECOND / 50)

    assert await run(worker) == 1

    assert (await stored(app)).last_error == "TimeoutError()"


async def test_a_worker_that_is_stopped_gives_its_job_back(app: MemoryApp) -> None:
    running = asyncio.Event()

    async def wait() -> None:
        running.set()
        await asyncio.Event().wait()

    (task,) = await (await runner(app, Reports(wait=wait))).start_due()
    await running.wait()

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    given_back = await stored(app)
    assert (given_back.lease, given_back.last_error) == (None, "The worker was stopped.")
    app.clock.advance(5 * SECOND)
    other = Reports()
    await run(await runner(app, other))
    assert other.sent == 1


async def test_who_has_lost_the_lease_does_not_end_the_run_of_another(app: MemoryApp) -> None:
    go_on = asyncio.Event()
    slow = await (await runner(app, Reports(wait=go_on.wait))).start_due()
    app.clock.advance(LEASE)
    quick = await (await runner(app, Reports(wait=asyncio.Event().wait))).start_due()
    held = (await stored(app)).lease

    go_on.set()
    await asyncio.gather(*slow)

    assert (await stored(app)).lease == held
    assert (await stored(app)).last_finished_at is None
    quick[0].cancel()
    await asyncio.gather(*quick, return_exceptions=True)


async def test_a_database_that_is_away_at_the_end_only_repeats_the_job(app: MemoryApp) -> None:
    class Away(MemoryStore):
        """A store that does not answer while a job runs."""

        away = False

        @property
        def repositories(self) -> MemoryRepositories:
            if self.away:
                raise Unavailable
            return super().repositories

    store = Away(app.clock)

    async def goes_away() -> None:
        store.away = True

    reports = Reports(wait=goes_away)
    worker = replace(await runner(app, reports), store=store)
    await worker.ensure()
    await run(worker)
    store.away, reports.wait = False, None
    assert await run(worker) == 0
    app.clock.advance(LEASE)
    await run(worker)

    assert reports.sent == 2


async def test_a_job_of_newer_code_is_neither_run_nor_reported_as_failing(app: MemoryApp) -> None:
    await run(await runner(app, Reports(trouble=RuntimeError("boom"))))
    app.clock.advance(HOUR)
    older = await runner(app)

    assert await run(older) == 0
    assert await older.failing() == []


async def test_messages_that_wait_too_long_are_reported_once_per_hour(app: MemoryApp) -> None:
    due = app.clock.now()
    await app.store.repositories.outbox.add(OutboxMessage(OutboxId("thing:1"), "test.work", due))
    watch = OutboxWatch(store=app.store, clock=app.clock).watch

    app.clock.advance(15 * MINUTE)
    await watch()
    assert await app.store.repositories.findings.open() == ()
    for _ in range(3):
        app.clock.advance(5 * MINUTE)
        await watch()

    (finding,) = await app.store.repositories.findings.open()
    assert (finding.kind, finding.subject) == ("outbox_overdue", "outbox")
    assert finding.detail == "The oldest due message has waited since 2026-11-23 06:00:00 UTC."
    app.clock.advance(HOUR)
    await watch()
    assert len(await app.store.repositories.findings.open()) == 2


async def test_an_outbox_in_time_is_not_reported(app: MemoryApp) -> None:
    later = app.clock.now() + 3 * HOUR
    await app.store.repositories.outbox.add(OutboxMessage(OutboxId("thing:1"), "test.work", later))
    app.clock.advance(2 * HOUR)

    await OutboxWatch(store=app.store, clock=app.clock).watch()

    assert await app.store.repositories.findings.open() == ()


async def test_the_outbox_is_watched_every_five_minutes(app: MemoryApp) -> None:
    whole = app.services.periodic
    worker = replace(whole, tasks={"outbox.watch": whole.tasks["outbox.watch"]})
    await worker.ensure()

    runs = 0
    for _ in range(30):
        runs += await run(worker)
        app.clock.advance(MINUTE)

    assert runs == 6
