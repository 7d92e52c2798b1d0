"""`python -m bench growth`: whether a request costs more when there are more developers.

For each number of developers: the CPU time of the web process and of the embedded database per
request, the memory of the web process after all of them, and, of the same use cases called in this
process, the requests to the database and the documents in its answers. CPU time and not response
time, so that other work on the machine matters less. At last the renewal of next free times that
have passed, of so many developers as are due, per developer.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import psutil

from adapters.memory.clock import FixedClock
from adapters.mongo.connection import close_client, open_client
from adapters.mongo.settings import MongoOptions
from adapters.mongo.store import MongoStore
from adapters.system.clock import SystemClock
from bench.counted import Counted
from bench.growth import SEARCHES
from bench.load import cpu_seconds
from bench.many_developers import add_developers
from bench.report import Row
from bench.scenarios import NoWakeUps, Scenario, reading_scenarios
from bench.system import SystemUnderTest
from core.developers import DeveloperId
from core.policy import HOUR
from core.search_terms import MATCH_ALL
from onehour.testing.application import MemoryApp
from ports.developers import Search
from services.bootstrap import CAPABILITIES
from services.developers.service import REFRESHED_TOGETHER
from services.shared.capabilities import documents_of

CALLERS = 4
COUNTED = 10
"""Calls whose requests and documents are counted."""
DUE = 200
"""Developers whose times have passed."""
MEBIBYTE = 1024 * 1024
WHAT = ("what", "developers")

Call = Callable[[int], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Visitors:
    """What the requests are about."""

    developers: Sequence[str]
    free: Iterator[tuple[str, datetime]]

    def client(self, number: int) -> dict[str, str]:
        """Nobody is logged in."""
        return {}


async def growth(folder: Path, sizes: Sequence[int], *, requests: int) -> list[Row]:
    """The rows of the table, which are printed, too."""
    rows: list[Row] = []
    async with SystemUnderTest(folder, None) as system:
        counted = Counted()
        client = open_client(
            system.environ["ONEHOUR_MONGO_URL"], MongoOptions().driver, event_listeners=[counted]
        )
        clock = FixedClock(SystemClock().now())
        name, documents = system.environ["ONEHOUR_MONGO_DATABASE"], documents_of(CAPABILITIES)
        store = MongoStore(client, name, clock, NoWakeUps(), documents)
        await store.prepare()
        for size in sizes:
            began, cpu = time.perf_counter(), cpu_seconds(system.database)
            ids = await add_developers(client[name], until=size)
            print(
                f"{size:,} developers after {time.perf_counter() - began:.0f} s,"
                f" {cpu_seconds(system.database) - cpu:.0f} s of CPU time of the database,"
                f" which has {system.database[0].memory_info().rss / MEBIBYTE:.0f} MiB",
                flush=True,
            )
            fresh = MongoStore(client, name, clock, NoWakeUps(), documents)
            app = MemoryApp(clock=clock, store=fresh)
            made = await _requests(system, ids, size, requests)
            counts = await _counts(app, counted, ids)
            rows += _printed([{**row, **counts[str(row["what"])]} for row in made])
            rows += _printed(await _searches(app, system, counted, size))
            rows += _printed([await _renewal(app, system, counted, ids, size)])
        await close_client(client)
    return sorted(rows, key=lambda row: [each["what"] for each in rows].index(row["what"]))


def _printed(rows: list[Row]) -> list[Row]:
    for row in rows:
        print(row, flush=True)
    return rows


async def _requests(
    system: SystemUnderTest, ids: Sequence[str], size: int, requests: int
) -> list[Row]:
    """Of one web process; each kind of request begins when the one before has ended."""
    rows: list[Row] = []
    async with system.web() as servers:
        for scenario in reading_scenarios(Visitors(ids, iter(()))):
            rows.append(await _load(system, scenario, servers, size, requests))
        used = servers[0].memory_info().rss / MEBIBYTE
    return [{**row, "web MiB": used} for row in rows]


async def _load(
    system: SystemUnderTest,
    scenario: Scenario,
    servers: list[psutil.Process],
    size: int,
    requests: int,
) -> Row:
    warm = 2 * COUNTED
    await scenario.run(system.base_url, count=warm, at_once=CALLERS, servers=servers)
    before = cpu_seconds(system.database)
    figures = await scenario.run(system.base_url, count=requests, at_once=CALLERS, servers=servers)
    spent = cpu_seconds(system.database) - before
    assert not figures.failed, scenario.name
    return {
        "what": scenario.name,
        "developers": f"{size:,}",
        "CPU ms": figures.cpu_ms,
        "database CPU ms": 1000 * spent / requests,
    }


async def _counts(
    app: MemoryApp, counted: Counted, ids: Sequence[str]
) -> dict[str, Mapping[str, float]]:
    """Requests and documents of the same work, by the names of the scenarios."""
    developers, day = app.services.developers, timedelta(days=1)
    now = app.clock.now()

    async def page(number: int) -> object:
        return await app.store.repositories.developers.search(
            Search(terms=(MATCH_ALL,), min_rate=number + 1)
        )

    async def profile(number: int) -> object:
        return await developers.get(DeveloperId(ids[number * 7 % len(ids)]))

    async def slots(number: int) -> object:
        developer = DeveloperId(ids[number * 7 % len(ids)])
        return await developers.free_starts(
            developer, since=now + day, until=now + 32 * day, hours=1, step=1, zone=None
        )

    await page(0)
    return {
        "search, a page of 20, cached": {"round trips": 0.0, "documents": 0.0},
        "search, a page of 20, uncached": await _count(counted, page),
        "profile": await _count(counted, profile),
        "free hours of a month": await _count(counted, slots),
    }


async def _count(counted: Counted, call: Call) -> Mapping[str, float]:
    counted.clear()
    for number in range(COUNTED):
        await call(number)
    return {
        "round trips": counted.requests / COUNTED,
        "documents": counted.documents / COUNTED,
    }


async def _searches(
    app: MemoryApp, system: SystemUnderTest, counted: Counted, size: int
) -> list[Row]:
    """Those of each kind, the number of what they find, and the list of skills."""
    repository = app.store.repositories.developers

    def searching(make: Callable[[int], Search]) -> Call:
        """No cache answers, because the lowest rate is another one each time."""
        return lambda number: repository.search(replace(make(number), min_rate=number + 1))

    calls = {f"search by {name}": searching(make) for name, make in SEARCHES.items()}
    calls["count up to 1,000"] = lambda n: repository.count(
        Search(terms=(MATCH_ALL,), min_rate=n + 1), at_most=1000
    )
    calls["the skills on offer"] = lambda n: repository.skills(limit=100 + n)
    return [await _measured(name, call, system, counted, size) for name, call in calls.items()]


async def _measured(
    name: str, call: Call, system: SystemUnderTest, counted: Counted, size: int
) -> Row:
    this = [psutil.Process()]
    ours, theirs = cpu_seconds(this), cpu_seconds(system.database)
    counts = await _count(counted, call)
    return {
        "what": name,
        "developers": f"{size:,}",
        "CPU ms": 1000 * (cpu_seconds(this) - ours) / COUNTED,
        "database CPU ms": 1000 * (cpu_seconds(system.database) - theirs) / COUNTED,
        "web MiB": "",
        **counts,
    }


async def _renewal(
    app: MemoryApp, system: SystemUnderTest, counted: Counted, ids: Sequence[str], size: int
) -> Row:
    """Per developer, of `DUE` that are due."""
    repository, past = app.store.repositories.developers, app.clock.now() - HOUR
    chosen = ids[:: max(1, len(ids) // DUE)][:DUE]
    due = [await repository.get(DeveloperId(each)) for each in chosen]
    for first in range(0, len(due), REFRESHED_TOGETHER):
        some = due[first : first + REFRESHED_TOGETHER]
        await repository.set_next_times([(each, (past,)) for each in some])
    this = [psutil.Process()]
    ours, theirs = cpu_seconds(this), cpu_seconds(system.database)
    counted.clear()
    await app.services.developers.refresh_outdated()
    assert not await repository.outdated(now=app.clock.now(), limit=1)
    return {
        "what": "renewing next times, per developer",
        "developers": f"{size:,}",
        "CPU ms": 1000 * (cpu_seconds(this) - ours) / len(due),
        "database CPU ms": 1000 * (cpu_seconds(system.database) - theirs) / len(due),
        "web MiB": "",
        "round trips": counted.requests / len(due),
        "documents": counted.documents / len(due),
    }
