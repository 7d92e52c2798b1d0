"""The database is away, hangs, or cannot write: answers say so in time, and the site recovers."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.api_client import until
from tests.patience import PATIENCE_S
from tests.process.running import RunningApp
from tests.servers import free_port

pytestmark = pytest.mark.process

ANSWER_S = 25.0
"""Bound of every answer during an outage; the adapter's own limits are far below."""
PAGES = ("/", "/developers", "/dashboard", "/api/v1/developers", "/api/v1/me")


@pytest.fixture(scope="module")
async def app(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningApp]:
    async with RunningApp(tmp_path_factory.mktemp("outages")) as app:
        yield app
        await app.audit()


@contextmanager
def supervisor_paused(app: RunningApp) -> Iterator[None]:
    """It restarts no server meanwhile, however long this machine takes for the answers."""
    app.supervisor.suspend()
    try:
        yield
    finally:
        app.supervisor.resume()


def database_of(app: RunningApp) -> int:
    child = app.child("mongo")
    assert child is not None
    return child.pid


async def answers(app: RunningApp, cookie: str) -> dict[str, httpx.Response]:
    """What is answered now, all asked at once, several times."""
    headers = {"Cookie": cookie}
    async with httpx.AsyncClient(base_url=app.base_url, timeout=ANSWER_S) as http:
        paths = [*PAGES * 3, "/readyz"]
        found = await asyncio.gather(*(http.get(path, headers=headers) for path in paths))
        return dict(zip(paths, found, strict=True))


async def assert_says_so(app: RunningApp, cookie: str) -> None:
    found = await answers(app, cookie)
    ready = found.pop("/readyz")

    assert {path: answer.status_code for path, answer in found.items()} == dict.fromkeys(found, 503)
    for path, answer in found.items():
        assert int(answer.headers["Retry-After"]) > 0, path
        is_api = path.startswith("/api/")
        kind = "application/problem+json" if is_api else "text/html; charset=utf-8"
        assert answer.headers["Content-Type"] == kind
        assert "Nothing was lost" in answer.text
        assert "ongo" not in answer.text
    assert ready.status_code == 503
    assert ready.json()["database"].startswith("The database does not answer")
    assert ready.headers["Retry-After"]


async def assert_lives(app: RunningApp, cookie: str) -> None:
    async with httpx.AsyncClient(base_url=app.base_url, timeout=ANSWER_S) as http:
        answer = await http.get("/healthz", headers={"Cookie": cookie, "Authorization": "Bearer x"})
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def a_cookie(app: RunningApp) -> str:
    """The cookie of a person who is logged in."""
    client = await app.client()
    return "; ".join(f"{name}={value}" for name, value in client.http.cookies.items())


async def recovers(app: RunningApp, database: int) -> None:
    """By itself: another database process, and pages again."""
    await app.has_successor("mongo", database)
    await app.is_ready(lag_s=5)
    async with httpx.AsyncClient(base_url=app.base_url, timeout=ANSWER_S) as http:
        assert (await http.get("/developers")).status_code == 200


@pytest.mark.long
async def test_a_database_that_hangs_is_reported_in_time_and_restarted(app: RunningApp) -> None:
    cookie, database = await a_cookie(app), database_of(app)
    os.kill(database, signal.SIGSTOP)

    with supervisor_paused(app):
        began = time.monotonic()
        await assert_says_so(app, cookie)
        assert time.monotonic() - began < ANSWER_S
        await assert_lives(app, cookie)

    await recovers(app, database)
    assert "mongo runs but does not answer" in app.output()
    assert "the database is not available for GET" in app.log("web")


async def test_a_database_that_cannot_write_is_reported_and_restarted(app: RunningApp) -> None:
    """A limit of the size of its files makes each write fail, as a full disk does."""
    cookie, database = await a_cookie(app), database_of(app)
    resource.prlimit(database, resource.RLIMIT_FSIZE, (4_096, resource.RLIM_INFINITY))

    async def reported() -> bool:
        async with httpx.AsyncClient(base_url=app.base_url, timeout=ANSWER_S) as http:
            return (await http.get("/readyz")).status_code == 503

    with supervisor_paused(app):
        await until(reported, what="an outage", every_s=0.1)
        await assert_says_so(app, cookie)
        await assert_lives(app, cookie)

    await recovers(app, database)


async def test_a_database_that_is_away_is_reported(app: RunningApp) -> None:
    cookie, database = await a_cookie(app), app.kill("mongo")

    await assert_lives(app, cookie)
    await recovers(app, database)
    assert "Traceback" not in app.log("web")


@pytest.mark.long
@pytest.mark.parametrize("name", ["redis", "mail"])
async def test_another_local_server_that_hangs_is_restarted(app: RunningApp, name: str) -> None:
    child = app.child(name)
    assert child is not None
    child.suspend()

    await app.has_successor(name, child.pid)
    await app.is_ready(lag_s=5)


@pytest.mark.parametrize(
    "command",
    ["web", *(pytest.param(one, marks=pytest.mark.long) for one in ("prepare", "periodic"))],
)
def test_a_start_without_a_database_names_it(command: str, tmp_path: Path) -> None:
    environ = {key: value for key, value in os.environ.items() if not key.startswith("ONEHOUR_")}
    environ |= {
        "ONEHOUR_MONGO_URL": "mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=500",
        "ONEHOUR_REDIS_URL": "redis://127.0.0.1:9/0",
        "ONEHOUR_SMTP_URL": "smtp://127.0.0.1:9",
        "ONEHOUR_PORT": str(free_port()),
        "ONEHOUR_DATA_DIR": str(tmp_path),
    }

    ended = subprocess.run(
        [sys.executable, "-m", "onehour.cli", command],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )

    assert ended.returncode == 1
    assert "database" in ended.stderr
    assert "Traceback" not in ended.stderr
