"""Periodic jobs on the real servers: once per period, whoever is killed or has a wrong clock."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import psutil
import pytest

from onehour.local.mongo import mongo_url
from onehour.local.redis import redis_url
from tests.api_client import until
from tests.patience import PATIENCE_S
from tests.process.periodic_worker import JOB
from tests.process.running import Document, RunningApp

pytestmark = pytest.mark.process

PROGRAM = Path(__file__).with_name("periodic_worker.py")
AHEAD_S = 600


class Workers:
    """More workers, which know the test's job; the application's own worker does not."""

    def __init__(self, app: RunningApp, folder: Path, *, every: int, lease: int) -> None:
        self.app = app
        self.every = timedelta(seconds=every)
        self._folder = folder
        self._arguments = ["--every", str(every), "--lease", str(lease)]
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *, lasts_s: float, ahead_s: int = 0) -> psutil.Process:
        given = ["--name", name, "--lasts", str(lasts_s), "--ahead", str(ahead_s)]
        with (self._folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, str(PROGRAM), *self._arguments, *given],
                cwd=self._folder,
                env=environment(self.app),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._processes[name] = process
        return psutil.Process(process.pid)

    def kill(self, name: str) -> None:
        process = self._processes.pop(name)
        process.kill()
        process.wait()

    def stop(self) -> None:
        """Sends SIGTERM; each must end."""
        for process in self._processes.values():
            process.terminate()
        statuses = [process.wait(PATIENCE_S) for process in self._processes.values()]
        assert statuses == [0] * len(statuses), self.output()
        self._processes.clear()

    def clear(self) -> None:
        for name in list(self._processes):
            self.kill(name)

    async def runs(self) -> list[Document]:
        return sorted(await self.app.rows("test_runs"), key=lambda run: run["began_at"])

    async def have_run(self, number: int, *, worker: str | None = None) -> list[Document]:
        """Wait for so many runs since the start, of one worker or of any."""
        found: list[Document] = []

        async def look() -> bool:
            found[:] = [r for r in await self.runs() if worker in (None, r["worker"])]
            return len(found) >= number

        await until(look, what=f"{number} runs", state=self.output)
        return found

    async def job(self) -> Document:
        (row,) = await self.app.rows("periodic_jobs", {"_id": JOB})
        return row

    async def has_finished(self) -> None:
        """Wait until a run has succeeded and no other has begun."""

        async def look() -> bool:
            job = await self.job()
            return job["last_finished_at"] is not None and job["lease"] is None

        await until(look, what="the end", state=self.output)

    def output(self) -> str:
        return "\n".join(log.read_text()[-1500:] for log in self._folder.glob("*.log"))


def environment(app: RunningApp) -> dict[str, str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("ONEHOUR_")}
    return {
        **inherited,
        "ONEHOUR_MONGO_URL": mongo_url(app.ports["mongo"]),
        "ONEHOUR_REDIS_URL": redis_url(app.ports["redis"]),
        "ONEHOUR_SMTP_URL": f"smtp://127.0.0.1:{app.ports['mail']}",
        "ONEHOUR_DATA_DIR": str(app.data),
    }


@pytest.fixture
async def folder(running: RunningApp, tmp_path: Path) -> Path:
    async with running.database() as database:
        await database["test_runs"].delete_many({})
        await database["periodic_jobs"].delete_many({"_id": JOB})
    return tmp_path


@contextmanager
def workers(app: RunningApp, folder: Path, *, every: int, lease: int) -> Iterator[Workers]:
    """On exit, asserts that they stop with status 0."""
    found = Workers(app, folder, every=every, lease=lease)
    try:
        yield found
        found.stop()
    finally:
        found.clear()


@asynccontextmanager
async def redis_away(app: RunningApp) -> AsyncIterator[None]:
    """On exit, waits until Redis is running again."""
    pid = app.kill("redis")

    async def keep_away() -> None:
        nonlocal pid
        while True:
            if app.child("redis"):
                pid = app.kill("redis")
            await asyncio.sleep(0.1)

    killing = asyncio.create_task(keep_away())
    try:
        yield
    finally:
        killing.cancel()
    await app.recovers(("redis", pid))


def assert_once_per_period(runs: list[Document], every: timedelta) -> None:
    """No period twice, none before its time, and all of them on one grid."""
    periods = Counter(run["due_at"] for run in runs)
    assert [due for due, times in periods.items() if times > 1] == []
    assert [run for run in runs if run["began_at"] < run["due_at"]] == []
    assert {(due - runs[0]["due_at"]) % every for due in periods} == {timedelta()}


@pytest.mark.long
async def test_two_workers_run_a_job_once_per_period_though_one_is_ten_minutes_ahead(
    running: RunningApp, folder: Path
) -> None:
    """And without Redis, which is killed whenever it comes back; one worker starts without it."""
    with workers(running, folder, every=2, lease=30) as some:
        began = time.monotonic()
        some.start("right", lasts_s=0.2)
        await some.have_run(1)
        async with redis_away(running):
            some.start("ahead", lasts_s=0.2, ahead_s=AHEAD_S)
            number = len(await some.runs())
            await some.have_run(1, worker="ahead")
            runs = await some.have_run(number + 5)
        periods = (time.monotonic() - began) / some.every.total_seconds()

    assert_once_per_period(runs, some.every)
    assert len(runs) <= periods + 1


async def test_a_job_whose_worker_is_killed_is_taken_over_when_the_lease_ends(
    running: RunningApp, folder: Path
) -> None:
    """By a worker whose clock says, ten minutes ahead, that the lease has long ended."""
    with workers(running, folder, every=4, lease=10) as some:
        ahead = some.start("ahead", lasts_s=0.5, ahead_s=AHEAD_S)
        await some.have_run(1, worker="ahead")
        await some.has_finished()
        ahead.suspend()
        some.start("right", lasts_s=8)
        before = await some.have_run(1, worker="right")
        some.kill("right")
        ahead.resume()
        killed = (await some.have_run(len(before), worker="right"))[-1]
        seen = len(await some.runs())

        runs = await some.have_run(seen + 3)

    lost = next(run for run in runs if run["_id"] == killed["_id"])
    taken_over, *later = [run for run in runs if run["began_at"] > lost["began_at"]]
    assert lost["ended_at"] is None
    assert (taken_over["worker"], taken_over["due_at"]) == ("ahead", lost["due_at"])
    assert timedelta() <= taken_over["began_at"] - lost["lease_until"] < timedelta(seconds=10)
    assert_once_per_period([run for run in runs if run != lost], some.every)
    assert len(later) >= 2


@pytest.mark.long
async def test_a_worker_that_slept_longer_than_its_lease_ends_no_run_of_another(
    running: RunningApp, folder: Path
) -> None:
    with workers(running, folder, every=60, lease=3) as some:
        asleep = some.start("asleep", lasts_s=1)
        await some.have_run(1)
        asleep.suspend()
        some.start("awake", lasts_s=1.5)
        await some.have_run(2)
        held = (await some.job())["lease"]
        asleep.resume()
        await asyncio.sleep(0.7)
        during = await some.job()
        await some.has_finished()
        after = await some.job()

    assert (during["lease"], during["last_finished_at"]) == (held, None)
    assert (after["lease"], after["attempts"], after["last_error"]) == (None, 0, None)
    assert len(await some.runs()) == 2


@pytest.mark.long
async def test_periods_without_a_running_worker_are_run_once(
    running: RunningApp, folder: Path
) -> None:
    with workers(running, folder, every=2, lease=30) as some:
        only = some.start("only", lasts_s=0)
        await some.have_run(1)
        await some.has_finished()
        only.suspend()
        number = len(await some.runs())
        await asyncio.sleep(4 * some.every.total_seconds())
        only.resume()
        runs = await some.have_run(number + 3)

    assert_once_per_period(runs, some.every)
    first, *others = runs[number:]
    assert first["began_at"] - first["due_at"] >= 2 * some.every
    assert [run for run in others if run["due_at"] <= first["began_at"]] == []


@pytest.mark.long
async def test_jobs_go_on_when_the_database_is_back(running: RunningApp, folder: Path) -> None:
    with workers(running, folder, every=2, lease=5) as some:
        some.start("one", lasts_s=0)
        some.start("other", lasts_s=0, ahead_s=AHEAD_S)
        number = len(await some.have_run(2))
        pid = running.kill("mongo")
        await running.recovers(("mongo", pid))

        runs = await some.have_run(number + 4)

    assert_once_per_period(runs[-3:], some.every)


async def test_operators_see_the_jobs_and_what_failed(running: RunningApp) -> None:
    """One that has run at the start, and does not run again meanwhile."""
    watched = {"_id": "files.sweep", "last_finished_at": {"$ne": None}}

    async def look() -> bool:
        return bool(await running.rows("periodic_jobs", watched))

    await until(look, what="its first run", every_s=0.1)
    async with running.database() as database:
        await database["periodic_jobs"].update_one(watched, {"$set": {"last_error": "It broke."}})
    async with httpx.AsyncClient(timeout=PATIENCE_S) as http:
        ready = await http.get(f"{running.base_url}/readyz")
    listed = await asyncio.to_thread(_periodic, running)

    assert ready.status_code == 200
    assert "files.sweep" in ready.json()["periodic_failing"]
    head, *lines = listed.splitlines()
    assert head.startswith("name ")
    (line,) = [line for line in lines if line.startswith("files.sweep ")]
    assert line.split()[1] == "1:00:00"
    assert line.endswith("It broke.")


def _periodic(app: RunningApp) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "onehour.cli", "periodic"],
        cwd=app.folder,
        env=environment(app),
        capture_output=True,
        check=True,
        text=True,
    )
    return done.stdout
