"""Runs the due periodic jobs, and reports those that fail repeatedly."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from core.errors import Unavailable
from core.findings import FindingKind
from core.periodic import PeriodicJob
from ports.clock import Ids
from ports.findings import Finding
from ports.store import Store
from ports.telemetry import DONE, FAILED, NO_TELEMETRY, Kind, Telemetry
from services.shared.periodic import PeriodicTask

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
LONGEST_RUN = timedelta(minutes=4)
"""Shorter than the lease, so that a job has ended before another worker may start it. A lease is
not extended: longer work is split into outbox messages."""
FAILURES_BEFORE_FINDING = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodicRunner:
    """Any number of these, in any number of processes, run each job once per period.

    A job is started within one poll of its due time. Its handler runs at least once per period:
    again when it fails, or when its worker dies before the end is recorded.
    """

    store: Store
    ids: Ids
    tasks: Mapping[str, PeriodicTask]
    lease: timedelta = LEASE
    longest_run: timedelta = LONGEST_RUN
    telemetry: Telemetry = NO_TELEMETRY

    async def ensure(self) -> None:
        """Create or update the rows of these jobs; once, when a worker starts."""
        jobs = [task.periodic for task in self.tasks.values()]
        await self.store.repositories.periodic_jobs.ensure(jobs)

    async def start_due(self) -> Sequence[asyncio.Task[None]]:
        """Claim what is due and start it. The tasks never raise; one that is cancelled records
        a failure, so that another worker can take over without waiting for the lease to end."""
        token = self.ids.secret()
        # The limit counts from before the claim: however long the answer takes, the handler is
        # stopped before the lease ends.
        deadline = asyncio.get_running_loop().time() + self.longest_run.total_seconds()
        claimed = await self.store.repositories.periodic_jobs.claim(
            tuple(self.tasks), lease=self.lease, token=token
        )
        return [asyncio.create_task(self._run(job, token, deadline)) for job in claimed]

    async def failing(self) -> list[str]:
        """The names of these jobs whose last attempt did not succeed."""
        jobs = await self.store.repositories.periodic_jobs.all()
        return [job.name for job in jobs if job.failing and job.name in self.tasks]

    async def _run(self, job: PeriodicJob, token: str, deadline: float) -> None:
        with self.telemetry.operation(Kind.JOB, job.name) as operation:
            operation.outcome = await self._attempt(job, token, deadline)

    async def _attempt(self, job: PeriodicJob, token: str, deadline: float) -> str:
        try:
            await self._report_failures(job)
            async with asyncio.timeout_at(deadline):
                await self.tasks[job.name].run()
        except asyncio.CancelledError:
            await self._record_failure(job, token, "The worker was stopped.")
            raise
        except Exception as error:
            log.warning("periodic job %s failed (attempt %d): %r", job.name, job.attempts, error)
            await self._record_failure(job, token, repr(error)[:500])
            return FAILED
        await self._record_success(job, token)
        return DONE

    async def _record_success(self, job: PeriodicJob, token: str) -> None:
        try:
            if not await self.store.repositories.periodic_jobs.finish(job.name, token=token):
                log.warning("periodic job %s ended after its lease", job.name)
        except Unavailable as error:
            log.warning("periodic job %s runs again, its end is not stored: %r", job.name, error)

    async def _record_failure(self, job: PeriodicJob, token: str, error: str) -> None:
        try:
            await self.store.repositories.periodic_jobs.fail(job.name, token=token, error=error)
        except Unavailable as unavailable:  # another attempt is made when the lease ends
            log.warning("the failure of periodic job %s is not stored: %r", job.name, unavailable)

    async def _report_failures(self, job: PeriodicJob) -> None:
        """Called before an attempt, because a job that kills its worker records nothing after it.
        The due time does not change during a series of failures, so the series is reported
        once."""
        failures = job.attempts - 1
        if failures < FAILURES_BEFORE_FINDING:
            return
        detail = f"{job.name} failed {failures} times in a row: {job.last_error}"
        log.error("periodic job %s keeps failing: %s", job.name, detail)
        await self.store.repositories.findings.report(
            Finding(
                id=f"periodic:{job.name}:{job.due_at:%Y-%m-%dT%H:%M:%SZ}",
                kind=FindingKind.PERIODIC_JOB_FAILED,
                subject=job.name,
                detail=detail,
                at=job.last_started_at or job.due_at,
            )
        )
