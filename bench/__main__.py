"""`python -m bench`: requests per second and per CPU millisecond, and the same work on bare Motor.

Three tables follow: log-ins (`logins.py`), round trips (`round_trips.py`), and what the time of
an answer reveals (`timing.py`).

Every row names the work, how often it was done per second, half and 99 % of the answers'
times, the web server's own CPU time per request, and the time the bare database operations
take that the same work needs at least, measured in the same run with one caller.
`ONEHOUR_MONGO_URL` chooses another MongoDB than the embedded one; measurements fill the
database `onehour_bench` there, which must be empty.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
from pathlib import Path

from bench.driver import DriverOperations
from bench.growth import search_ms
from bench.logins import log_ins
from bench.outbox import messages_per_second
from bench.round_trips import round_trips
from bench.scenarios import Dataset, scenarios
from bench.system import SystemUnderTest
from bench.table import Row, print_table
from bench.timing import timing

SEARCHED = 10_000


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures the application; asserts nothing.")
    parser.add_argument("--developers", type=int, default=SEARCHED)
    parser.add_argument("--requests", type=int, default=400, help="per scenario")
    parser.add_argument("--at-once", type=int, default=16)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="onehour-bench-") as folder:
        asyncio.run(measure(Path(folder), given))


async def measure(folder: Path, given: argparse.Namespace) -> None:
    async with SystemUnderTest(folder, os.environ.get("ONEHOUR_MONGO_URL")) as system:
        for size in (given.developers // 10, given.developers):
            await system.run("seed", "--developers", str(size))
            took = await search_ms(system)
            print(f"a new search among {size:,} developers: {took:.1f} ms", flush=True)
        await system.start("simulator", "simulator", "--port", str(system.simulator_port))
        dataset = await Dataset.open(system, clients=8)
        driver = await DriverOperations(dataset.database).measure(dataset)
        rows: list[Row] = []
        for processes in (1, 2):
            async with system.web(processes) as servers:
                await dataset.sign_in(system.base_url)
                for scenario in scenarios(dataset):
                    for at_once in (1, given.at_once):
                        figures = await scenario.run(
                            system.base_url, count=given.requests, at_once=at_once, servers=servers
                        )
                        rows.append(
                            Row(
                                scenario.name,
                                processes,
                                at_once,
                                figures,
                                driver.get(scenario.driver),
                            )
                        )
                        print(".", end="", flush=True)
        print()
        print_table(rows)
        await log_ins(system, dataset, folder)
        await timing(system, dataset)
        await round_trips(system, dataset)
        await messages_per_second(system, dataset)  # last: its worker would compete with the others


if __name__ == "__main__":
    main()
