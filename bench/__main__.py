"""`python -m bench`: requests per second and per CPU millisecond, and the same work on bare Motor.

Each row shows requests per second, the median and the 99th percentile of the response time, the
web server's CPU time per request, and the time of the Motor operations that the same request needs
at least, measured in the same run with one caller.

Before it stand the times of searches (`growth.py`) and of the balance of a developer with few and
with many ledger entries (`balances.py`).

More tables follow: log-ins (`logins.py`), database round trips (`round_trips.py`), and whether
response times reveal accounts (`timing.py`).

`python -m bench growth` measures requests with few and with many developers (`sizes.py`),
`python -m bench processes` with one and with two web processes (`processes.py`), and
`python -m bench beside` beside a lean server in Node (`beside.py`).
`python -m bench chats` measures chats alone (`chats.py`), `python -m bench calls` signals and join
times of calls (`calls.py`), `python -m bench storage` the file
storages (`storage.py`), `python -m bench images` the inspection of pictures (`images.py`),
`python -m bench reconciliation` one daily comparison of everything (`reconciliation.py`), and
`python -m bench uploads` memory while many large files arrive at once (`uploads.py`).
`python -m bench lighthouse` prints the scores of pages instead (`lighthouse.py`), and fails when
one is too low. `python -m bench --url URL` measures another server that speaks the API
(`other_server.py`).

`ONEHOUR_MONGO_DRIVER` selects the driver, `ONEHOUR_MONGO_URL` another MongoDB than the embedded
one. The measurements fill its
database `onehour_bench`, which must be empty.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from pathlib import Path

from bench.accounts import PASSWORD
from bench.balances import balance_ms
from bench.beside import beside
from bench.calls import calls
from bench.chats import chats
from bench.driver import DriverOperations
from bench.growth import search_ms
from bench.images import image_speed
from bench.lighthouse import measure_pages
from bench.logins import log_ins
from bench.other_server import measure_other
from bench.outbox import messages_per_second
from bench.processes import WHAT as OF_PROCESSES
from bench.processes import processes
from bench.reconciliation import WHAT as RECONCILED
from bench.reconciliation import reconciliation
from bench.report import measurement
from bench.round_trips import round_trips
from bench.scenarios import Dataset, scenarios
from bench.sizes import WHAT, growth
from bench.storage import storage_speed
from bench.system import SystemUnderTest
from bench.table import REPORTED_WHAT, Row, print_table, reported
from bench.timing import timing
from bench.uploads import upload_memory

SEARCHED = 10_000
SIZES = (1_000, 10_000, 100_000)
KINDS = (
    "requests", "growth", "processes", "beside", "chats", "calls", "storage", "images", "uploads",
    "reconciliation", "lighthouse",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures the application and prints tables.")
    parser.add_argument("what", nargs="?", choices=KINDS, default=KINDS[0])
    parser.add_argument("--runs", type=int, default=3, help="of Lighthouse or processes")
    parser.add_argument("--developers", type=int, default=SEARCHED, help="in the database")
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=SIZES, help="numbers of developers of `growth`"
    )
    parser.add_argument("--folder", type=Path, help="with the data of `growth`, which is kept")
    parser.add_argument("--requests", type=int, default=400, help="per row")
    parser.add_argument("--at-once", type=int, default=16, help="concurrent requests")
    parser.add_argument(
        "--payments", type=int, nargs="+", default=[100_000], help="that are reconciled"
    )
    parser.add_argument("--files", type=int, default=20, help="that are uploaded at once")
    parser.add_argument("--megabytes", type=int, default=100, help="of each of these files")
    parser.add_argument("--write", action="store_true", help="to docs/performance.md too")
    other = parser.add_argument_group("another server", "that speaks the API, instead of our own")
    other.add_argument("--url", help="of the server, such as http://localhost:8000")
    other.add_argument("--email", action="append", default=[], help="of a client, several times")
    other.add_argument("--password", default=PASSWORD, help="of these clients")
    other.add_argument("--pid", type=int, action="append", default=[], help="of the server")
    given = parser.parse_args()
    if given.url:
        asyncio.run(
            measure_other(
                given.url,
                emails=given.email,
                password=given.password,
                pids=given.pid,
                requests=given.requests,
                at_once=given.at_once,
            )
        )
        return
    with tempfile.TemporaryDirectory(prefix="onehour-bench-") as folder:
        if given.what == "lighthouse":
            sys.exit(not asyncio.run(measure_pages(Path(folder), runs=given.runs)))
        if given.what == "growth":
            asyncio.run(measure_growth(given.folder or Path(folder), given))
            return
        if given.what == "processes":
            asyncio.run(measure_processes(Path(folder), given))
            return
        if given.what == "chats":
            asyncio.run(measure_chats(Path(folder), write=given.write))
            return
        if given.what == "beside":
            asyncio.run(measure_beside(Path(folder), given))
            return
        if given.what == "calls":
            asyncio.run(measure_calls(Path(folder)))
            return
        if given.what == "images":
            asyncio.run(image_speed(Path(folder)))
            return
        if given.what == "storage":
            asyncio.run(storage_speed(Path(folder)))
            return
        if given.what == "reconciliation":
            reconciled = asyncio.run(reconciliation(Path(folder), given.payments))
            if given.write:
                measurement("reconciliation", RECONCILED, reconciled).write()
            return
        if given.what == "uploads":
            uploads = upload_memory(Path(folder), files=given.files, megabytes=given.megabytes)
            asyncio.run(uploads)
            return
        asyncio.run(measure(Path(folder), given))


async def measure_chats(folder: Path, *, write: bool) -> None:
    async with SystemUnderTest(folder, os.environ.get("ONEHOUR_MONGO_URL")) as system:
        await system.run("seed", "--developers", "1")
        rows = await chats(system, await Dataset.open(system, clients=1))
    if write:
        measurement("chats", ("clients", "web processes"), rows).write()


async def measure_growth(folder: Path, given: argparse.Namespace) -> None:
    rows = await growth(folder, given.sizes, requests=given.requests)
    if given.write:
        measurement("growth", WHAT, rows).write()


async def measure_processes(folder: Path, given: argparse.Namespace) -> None:
    rows = await processes(
        folder, developers=given.developers, requests=given.requests, turns=given.runs
    )
    if given.write:
        measurement("processes", OF_PROCESSES, rows).write()


async def measure_beside(folder: Path, given: argparse.Namespace) -> None:
    async with SystemUnderTest(folder, os.environ.get("ONEHOUR_MONGO_URL")) as system:
        await system.run("seed", "--developers", str(given.developers))
        await system.start("simulator", "simulator", "--port", str(system.simulator_port))
        dataset = await Dataset.open(system, clients=8)
        rows = await beside(system, dataset, folder, requests=given.requests)
    if given.write:
        measurement("beside", ("what", "server"), rows).write()


async def measure_calls(folder: Path) -> None:
    async with SystemUnderTest(folder, os.environ.get("ONEHOUR_MONGO_URL")) as system:
        await system.run("seed", "--developers", "1")
        await calls(system, await Dataset.open(system, clients=1), folder)


async def measure(folder: Path, given: argparse.Namespace) -> None:
    async with SystemUnderTest(folder, os.environ.get("ONEHOUR_MONGO_URL")) as system:
        for size in (given.developers // 10, given.developers):
            await system.run("seed", "--developers", str(size))
            for kind, took in (await search_ms(system)).items():
                print(f"uncached search by {kind}, {size:,} developers: {took:.1f} ms", flush=True)
        for entries, took in (await balance_ms(system)).items():
            print(f"balance of a developer with {entries:,} ledger entries: {took:.1f} ms")
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
        await chats(system, dataset)
        # Last, because its worker would use CPU time of the others.
        sent = await messages_per_second(system, dataset)
    if given.write:
        measurement("requests", REPORTED_WHAT, reported(rows)).write()
        measurement("outbox", ("what",), [sent], by="requests").write()


if __name__ == "__main__":
    main()
