"""`python -m bench processes`: whether a second web process doubles what is served.

The program that sends the requests uses the same cores, so their rate says little. If a request
takes the same CPU time with two processes as with one, two processes serve twice as much on cores
of their own. Runs with one and two take turns, so that other work on the machine affects both. The
last column is the share of the busier process: connections stay with the one that accepted them.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import psutil

from bench.load import Figures, cpu_seconds
from bench.many_developers import add_developers
from bench.report import Row
from bench.scenarios import Scenario, database_of, reading_scenarios
from bench.sizes import Visitors
from bench.system import SystemUnderTest

WHAT = ("what", "web processes")
MEASURED = ("search, a page of 20, cached", "profile")
"""The first asks the database once a second, the second once a request."""
WARM_UP = 300
"""Requests before those that are measured, so that each process has served some."""
Run = tuple[Figures, float]
"""Of one scenario, with the share of the busier process in percent."""


async def processes(folder: Path, *, developers: int, requests: int, turns: int) -> list[Row]:
    """The rows of the table: medians of all turns."""
    runs: defaultdict[tuple[str, int], list[Run]] = defaultdict(list)
    async with SystemUnderTest(folder, None) as system:
        await system.run("prepare")
        client, name = database_of(system)
        ids = await add_developers(client[name], until=developers)
        client.close()
        for _ in range(turns):
            for number in (1, 2):
                async with system.web(number) as servers:
                    for scenario in reading_scenarios(Visitors(ids, iter(()))):
                        if scenario.name in MEASURED:
                            run = await _run(system, scenario, servers, requests)
                            runs[scenario.name, number].append(run)
                            print(scenario.name, number, f"{run[0].cpu_ms:.3f} ms", flush=True)
    rows = [_row(name, number, runs[name, number]) for name in MEASURED for number in (1, 2)]
    for row in rows:
        print(row)
    return rows


async def _run(
    system: SystemUnderTest, scenario: Scenario, servers: Sequence[psutil.Process], requests: int
) -> Run:
    await scenario.run(system.base_url, count=WARM_UP, at_once=16, servers=list(servers))
    before = [cpu_seconds([each]) for each in servers]
    figures = await scenario.run(system.base_url, count=requests, at_once=16, servers=list(servers))
    spent = [cpu_seconds([each]) - was for each, was in zip(servers, before, strict=True)]
    return figures, 100 * max(spent) / sum(spent)


def _row(name: str, number: int, runs: Sequence[Run]) -> Row:
    return {
        "what": name,
        "web processes": number,
        "per second": statistics.median(figures.per_second for figures, _ in runs),
        "CPU ms": statistics.median(figures.cpu_ms for figures, _ in runs),
        "busier process, %": statistics.median(share for _, share in runs),
    }
