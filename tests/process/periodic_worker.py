"""`onehour worker` with one more periodic job, and if wanted with a clock that is wrong.

A program of its own, so that tests can kill it:

    python periodic_worker.py --name one --every 3 --lasts 0.5 --lease 8 --ahead 600

The job keeps a document of each run in the collection `test_runs`: the worker, the period it runs
for, and by this machine's clock when it began and when it ended.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from dependency_injector import providers
from motor.motor_asyncio import AsyncIOMotorDatabase

from adapters.celery import worker as celery_worker
from adapters.mongo.settings import MongoOptions
from adapters.system.clock import SystemClock
from onehour.container import build
from onehour.logs import log_to_stderr
from onehour.settings import Settings
from onehour.worker import work
from ports.clock import Clock
from services.shared.periodic import periodic, periodic_of

JOB = "test.write"
POLL_S = 0.3


@dataclass(frozen=True, slots=True)
class WrongClock(Clock):
    ahead: timedelta

    def now(self) -> datetime:
        return SystemClock().now() + self.ahead


def job(
    database: AsyncIOMotorDatabase[dict[str, Any]], *, name: str, every_s: int, lasts_s: float
) -> object:
    class Work:
        @periodic(JOB, every=timedelta(seconds=every_s))
        async def write(self) -> None:
            row = await database["periodic_jobs"].find_one({"_id": JOB})
            assert row
            run = {
                "worker": name,
                "due_at": row["due_at"],
                "lease_until": row["lease_until"],
                "began_at": datetime.now(UTC),
                "ended_at": None,
            }
            run_id = (await database["test_runs"].insert_one(run)).inserted_id
            await asyncio.sleep(lasts_s)
            ended = {"$set": {"ended_at": datetime.now(UTC)}}
            await database["test_runs"].update_one({"_id": run_id}, ended)

    return Work()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", required=True)
    parser.add_argument("--every", type=int, required=True)
    parser.add_argument("--lasts", type=float, required=True)
    parser.add_argument("--lease", type=int, required=True)
    parser.add_argument("--ahead", type=int, default=0)
    given = parser.parse_args()
    settings = Settings.load(os.environ, None)
    log_to_stderr(settings.log_level)
    celery_worker.PERIODIC_POLL_S = POLL_S
    container = build(settings)
    container.clock.override(providers.Object(WrongClock(timedelta(seconds=given.ahead))))
    services = container.services()
    database = container.mongo()[settings.section(MongoOptions).database]
    (own,) = periodic_of(job(database, name=given.name, every_s=given.every, lasts_s=given.lasts))
    runner = replace(
        services.periodic,
        tasks={**services.periodic.tasks, JOB: own},
        lease=timedelta(seconds=given.lease),
        longest_run=timedelta(seconds=given.lease - 1),
    )
    container.services.override(providers.Object(replace(services, periodic=runner)))
    work(container)


if __name__ == "__main__":
    main()
