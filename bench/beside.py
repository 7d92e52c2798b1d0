"""Measures our server beside a lean one: `python -m bench beside`.

`bench/lean/server.mjs` does the least for the same requests with Express and Mongoose, on the same
database. The two are measured in turn, one process each, and the table has the medians of the
runs. It is no aim of the lean one to do what ours does: it says how cheap the requests can be.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from statistics import median

import psutil
from joserfc import jwt
from joserfc.jwk import OctKey

from bench.load import Figures
from bench.report import Row
from bench.scenarios import (
    HOURS_EACH,
    WARM_UP,
    Dataset,
    Scenario,
    Subject,
    booking_scenario,
    reading_scenarios,
    slots_scenario,
)
from bench.system import SystemUnderTest
from onehour.local.ports import choose_ports
from tests.node.installed import install
from tests.oidc import find_node

LEAN = Path(__file__).parent / "lean"
SECRET = "a key for measurements alone, 32 characters"
CALLERS = 32
RUNS = 3
OURS, LEAN_SERVER = "ours", "lean"


@dataclass
class LeanServer:
    """The other `Subject` of the requests. It keeps bookings of its own of the same times."""

    base_url: str
    processes: list[psutil.Process]
    developers: Sequence[str]
    free: Iterator[tuple[str, datetime]]
    sessions: list[dict[str, str]] = field(default_factory=list)

    def client(self, number: int) -> dict[str, str]:
        return self.sessions[number % len(self.sessions)]


async def beside(
    system: SystemUnderTest, dataset: Dataset, folder: Path, *, requests: int
) -> list[Row]:
    """Prints and returns a row for each kind of request and each of the two servers. Needs Node,
    and raises `CalledProcessError` if npm fails, `SystemExit` with a sentence if there are too few
    developers for the bookings."""
    wanted, free = 2 * RUNS * (requests + WARM_UP), HOURS_EACH * len(dataset.developers)
    if wanted > free:
        raise SystemExit(f"{wanted:,} free hours are needed, and the developers have {free:,}.")
    await asyncio.to_thread(install, LEAN)
    port = choose_ports(("lean",), remembered=folder / "lean.json")["lean"]
    found = dict[tuple[str, str], list[Figures]]()
    for _ in range(RUNS):
        async with system.web(1) as servers:
            await dataset.sign_in(system.base_url)
            await _run(OURS, dataset, system.base_url, servers, requests, found)
        async with _lean_server(system, dataset, port) as lean:
            await _run(LEAN_SERVER, lean, lean.base_url, lean.processes, requests, found)
    rows = [_row(*key, runs) for key, runs in sorted(found.items(), key=lambda each: each[0][0])]
    for row in rows:
        print("  ".join(f"{name} {value}" for name, value in row.items()))
    return rows


async def _run(
    server: str,
    subject: Subject,
    base_url: str,
    processes: list[psutil.Process],
    count: int,
    found: dict[tuple[str, str], list[Figures]],
) -> None:
    for scenario in _scenarios(subject):
        figures = await scenario.run(base_url, count=count, at_once=CALLERS, servers=processes)
        if figures.failed:
            raise RuntimeError(f"{figures.failed} of {count} failed: {scenario.name}, {server}")
        found.setdefault((scenario.name, server), []).append(figures)
        print(".", end="", flush=True)


def _scenarios(subject: Subject) -> list[Scenario]:
    search, different, profile, _ = reading_scenarios(subject)
    week = slots_scenario(subject, "week", days=7)
    return [search, different, profile, week, booking_scenario(subject)]


def _row(what: str, server: str, runs: Sequence[Figures]) -> Row:
    return {
        "what": what,
        "server": server,
        "per second": median(run.per_second for run in runs),
        "p50 ms": median(run.percentile(50) for run in runs),
        "p99 ms": median(run.percentile(99) for run in runs),
        "CPU ms": median(run.cpu_ms for run in runs),
    }


@asynccontextmanager
async def _lean_server(
    system: SystemUnderTest, dataset: Dataset, port: int
) -> AsyncIterator[LeanServer]:
    url, database = (system.environ[f"ONEHOUR_MONGO_{name}"] for name in ("URL", "DATABASE"))
    process = await asyncio.create_subprocess_exec(
        str(find_node()), str(LEAN / "server.mjs"), str(port), url, database, SECRET
    )
    try:
        await _until_listening(port)
        yield LeanServer(
            f"http://127.0.0.1:{port}",
            [psutil.Process(process.pid)],
            dataset.developers,
            dataset.free,
            [_token(each) async for each in _clients(dataset)],
        )
    finally:
        process.terminate()
        await process.wait()


def _token(account: str) -> dict[str, str]:
    token = jwt.encode({"alg": "HS256"}, {"sub": account}, OctKey.import_key(SECRET))
    return {"Authorization": f"Bearer {token}"}


async def _clients(dataset: Dataset) -> AsyncIterator[str]:
    async for each in dataset.database.accounts.find(
        {"email": {"$in": dataset.emails}}, {"_id": 1}
    ):
        yield each["_id"]


async def _until_listening(port: int) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                return
