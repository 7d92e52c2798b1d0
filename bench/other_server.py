"""Measures any server that speaks the API: `python -m bench --url http://localhost:8000`.

It needs published developers with free times and, for bookings, clients that log in with a
password alone. Nothing but the API is used, so the server may be written in anything. The CPU time
is that of the processes given by `--pid`, with their children.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice

import httpx
import psutil

from bench.accounts import API
from bench.load import load
from bench.scenarios import Scenario, booking_scenario, reading_scenarios, session_of
from bench.table import Row, print_table

DEVELOPERS_AT_MOST = 1000
PAGE = 100
DISTANCE = timedelta(days=2)
"""From now to the first booked time."""


@dataclass
class OtherServer:
    """What the API told about the server: a `Subject` of the measured requests."""

    base_url: str
    developers: list[str]
    free: Iterator[tuple[str, datetime]] = field(default_factory=lambda: iter(()))
    sessions: list[dict[str, str]] = field(default_factory=list)

    def client(self, number: int) -> dict[str, str]:
        return self.sessions[number % len(self.sessions)]


async def measure_other(
    base_url: str,
    *,
    emails: Sequence[str],
    password: str,
    pids: Sequence[int],
    requests: int,
    at_once: int,
) -> list[Row]:
    """Prints and returns the rows. Raises `SystemExit` with a sentence if there is nothing to
    measure."""
    async with httpx.AsyncClient(base_url=base_url, timeout=30) as client:
        developers = [each async for each in _developers(client)]
        if not developers:
            raise SystemExit(f"{base_url} has no published developers.")
        server = OtherServer(base_url, developers)
        wanted = reading_scenarios(server)
        if emails:
            starts = [each async for each in _free_starts(client, developers, 2 * requests)]
            if len(starts) < 2 * requests:
                raise SystemExit(f"{2 * requests} free times are needed, found {len(starts)}.")
            server.free = iter(starts)
            server.sessions = [await session_of(base_url, each, password) for each in emails]
            wanted.append(booking_scenario(server))
    parents = [psutil.Process(pid) for pid in pids]
    processes = [each for one in parents for each in (one, *one.children(recursive=True))]
    rows = [
        await _row(scenario, base_url, processes, requests, callers)
        for scenario in wanted
        for callers in (1, at_once)
    ]
    print_table(rows)
    return rows


async def _row(
    scenario: Scenario,
    base_url: str,
    servers: list[psutil.Process],
    requests: int,
    callers: int,
) -> Row:
    figures = await load(
        base_url, scenario.make, count=requests, at_once=callers, servers=servers,
        expect=(scenario.expect,),
    )  # fmt: skip
    return Row(scenario.name, len(servers), callers, figures, None)


async def _developers(client: httpx.AsyncClient) -> AsyncIterator[str]:
    """The ids of the first ones that the search finds."""
    found, query = 0, dict[str, str | int](limit=PAGE)
    while found < DEVELOPERS_AT_MOST:
        answer = await client.get(f"{API}/developers", params=query)
        page = answer.raise_for_status().json()
        for item in page["items"]:
            yield item["id"]
        found += len(page["items"])
        if page["next"] is None:
            return
        query["cursor"] = page["next"]


async def _free_starts(
    client: httpx.AsyncClient, developers: Sequence[str], count: int
) -> AsyncIterator[tuple[str, datetime]]:
    """Free hours that do not overlap, a few of each developer."""
    since = datetime.now(UTC) + DISTANCE
    query = {
        "from": since.isoformat(timespec="seconds"),
        "to": (since + timedelta(days=14)).isoformat(timespec="seconds"),
        "step": "60",
    }
    found, of_each = 0, -(-count // len(developers))
    for each in developers:
        answer = await client.get(f"{API}/developers/{each}/slots", params=query)
        for slot in islice(answer.raise_for_status().json()["items"], of_each):
            if found == count:
                return
            found += 1
            yield each, datetime.fromisoformat(slot["start"])
