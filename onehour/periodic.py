"""`onehour periodic`: lists the periodic jobs with next run, last run and last error."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from core.periodic import PeriodicJob
from onehour.container import build, close
from onehour.settings import Settings
from onehour.tables import text_table

HEAD = ("name", "every", "due (UTC)", "last run (UTC)", "last error")
NONE_YET = "There are no periodic jobs yet. A worker creates them when it starts."


def main(settings: Settings) -> None:
    """Prints one line per job. Raises `Unavailable` when the database does not answer."""
    print(table(asyncio.run(_jobs(settings))))


async def _jobs(settings: Settings) -> tuple[PeriodicJob, ...]:
    container = build(settings)
    try:
        return await container.store().repositories.periodic_jobs.all()
    finally:
        await close(container)


def table(jobs: Sequence[PeriodicJob]) -> str:
    """The jobs as a text table, one line per job. Columns are as wide as their longest cell."""
    if not jobs:
        return NONE_YET
    return text_table([HEAD, *(_cells(job) for job in jobs)])


def _cells(job: PeriodicJob) -> tuple[str, ...]:
    due = _moment(job.next_at) + (" (end of lease)" if job.lease else "")
    error = " ".join((job.last_error or "").split())
    return job.name, str(job.every), due, _moment(job.last_started_at), error


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else "never"
