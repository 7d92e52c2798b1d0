"""The worker's loop polls periodic jobs and the outbox, and cancels jobs when it stops."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence

import pytest

from adapters.celery import worker
from adapters.celery.worker import Relay, WorkerLoop
from core.errors import Unavailable
from tests.patience import PATIENCE_S


class Jobs(Relay):
    """One periodic job, which takes `lasts_s`; the database is unavailable for the first polls."""

    def __init__(self, *, lasts_s: float = 0.0, away: int = 0) -> None:
        self._lasts_s = lasts_s
        self._away = away
        self.said: list[str] = []

    async def start(self) -> None:
        self.said.append("start")

    async def start_due(self, *, limit: int) -> Sequence[asyncio.Task[None]]:
        return ()

    async def start_periodic(self) -> Sequence[asyncio.Task[None]]:
        if self._away:
            self._away -= 1
            raise Unavailable
        return [asyncio.create_task(self._job())] if "begin" not in self.said else ()

    async def run_due(self, *, limit: int, only: Sequence[str] = ()) -> int:
        return 0

    async def stop(self) -> None:
        self.said.append("stop")

    async def _job(self) -> None:
        self.said.append("begin")
        try:
            await asyncio.sleep(self._lasts_s)
        except asyncio.CancelledError:
            self.said.append("cancelled")
            raise
        self.said.append("end")


@pytest.fixture(autouse=True)
def short_times(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(worker, "POLL_S", 0.05)
    monkeypatch.setattr(worker, "PERIODIC_POLL_S", 0.02)
    yield


def wait_until(look: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not look():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_database_that_is_away_is_asked_again() -> None:
    jobs = Jobs(away=3)
    runner = WorkerLoop(jobs)
    runner.start()
    wait_until(lambda: "end" in jobs.said)
    runner.stop()
    assert jobs.said == ["start", "begin", "end", "stop"]


def test_a_short_job_is_ended_before_the_worker_stops() -> None:
    jobs = Jobs(lasts_s=0.2)
    runner = WorkerLoop(jobs)
    runner.start()
    wait_until(lambda: "begin" in jobs.said)
    runner.stop()
    assert jobs.said == ["start", "begin", "end", "stop"]


def test_a_long_job_is_cancelled_when_the_worker_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "PERIODIC_STOP_S", 0.1)
    jobs = Jobs(lasts_s=60)
    runner = WorkerLoop(jobs)
    runner.start()
    wait_until(lambda: "begin" in jobs.said)
    runner.stop()
    assert jobs.said == ["start", "begin", "cancelled", "stop"]
