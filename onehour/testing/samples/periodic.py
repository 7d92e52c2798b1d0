"""Periodic jobs."""

from __future__ import annotations

from datetime import timedelta

from core.periodic import Periodic, PeriodicJob
from core.policy import HOUR, MINUTE
from onehour.testing.samples.sample import NOW, Sample
from ports.store import Repositories

WATCH = Periodic("outbox.watch", HOUR)


def a_periodic_job() -> PeriodicJob:
    """A job that failed and is running again."""
    return PeriodicJob(
        name=WATCH.name,
        every=WATCH.every,
        due_at=NOW,
        retry_at=NOW + MINUTE,
        lease="worker 1",
        lease_until=NOW + HOUR,
        attempts=2,
        last_started_at=NOW - MINUTE,
        last_finished_at=NOW - HOUR,
        last_error="No answer.",
    )


async def _names_and_periods(repositories: Repositories) -> tuple[tuple[str, timedelta], ...]:
    """Without the times, which come from the store's own clock."""
    jobs = await repositories.periodic_jobs.all()
    return tuple((job.name, job.every) for job in jobs)


SAMPLES = (
    Sample(
        "periodic_jobs",
        ((WATCH.name, WATCH.every),),
        lambda repositories: repositories.periodic_jobs.ensure([WATCH]),
        _names_and_periods,
    ),
)
