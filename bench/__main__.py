"""`python -m bench`: what the house does per second and per CPU millisecond, beside bare Motor.

Three tables follow: log-ins (`logins.py`), round trips (`trips.py`), and what the time of an
answer tells (`timing.py`).

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

from bench.bare import Bare
from bench.growth import search_ms
from bench.logins import log_ins
from bench.outbox import messages_per_second
from bench.scenarios import Market, scenarios
from bench.stage import Stage
from bench.table import Row, print_table
from bench.timing import timing
from bench.trips import round_trips

SEARCHED = 10_000


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures the house; asserts nothing.")
    parser.add_argument("--developers", type=int, default=SEARCHED)
    parser.add_argument("--requests", type=int, default=400, help="per scenario")
    parser.add_argument("--at-once", type=int, default=16)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="onehour-bench-") as folder:
        asyncio.run(measure(Path(folder), given))


async def measure(folder: Path, given: argparse.Namespace) -> None:
    async with Stage(folder, os.environ.get("ONEHOUR_MONGO_URL")) as stage:
        for size in (given.developers // 10, given.developers):
            await stage.run("seed", "--developers", str(size))
            took = await search_ms(stage)
            print(f"a new search among {size:,} developers: {took:.1f} ms", flush=True)
        await stage.start("simulator", "simulator", "--port", str(stage.simulator_port))
        market = await Market.open(stage, clients=8)
        bare = await Bare(market.database).measure(market)
        rows: list[Row] = []
        for processes in (1, 2):
            async with stage.web(processes) as servers:
                await market.sign_in(stage.base_url)
                for scenario in scenarios(market):
                    for at_once in (1, given.at_once):
                        figures = await scenario.run(
                            stage.base_url, count=given.requests, at_once=at_once, servers=servers
                        )
                        rows.append(
                            Row(scenario.name, processes, at_once, figures, bare.get(scenario.bare))
                        )
                        print(".", end="", flush=True)
        print()
        print_table(rows)
        await log_ins(stage, market, folder)
        await timing(stage, market)
        await round_trips(stage, market)
        await messages_per_second(stage, market)  # last: its worker would compete with the others


if __name__ == "__main__":
    main()
