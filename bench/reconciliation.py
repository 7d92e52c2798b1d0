"""How long one daily comparison of everything takes, by check, and the memory that it needs.

One booking is paid, approved, cleared and settled by the application itself; the others are copies
of its documents with ids, times and numbers of their own, of as many developers as in life. So the
comparison finds nothing, as on most days."""

from __future__ import annotations

import copy
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import psutil
from motor.motor_asyncio import AsyncIOMotorDatabase

from adapters.memory.clock import FixedClock
from adapters.memory.payments import MemoryGateway
from adapters.mongo.store import MongoStore
from bench.load import cpu_seconds
from bench.report import Row
from bench.scenarios import NoWakeUps, database_of
from bench.system import SystemUnderTest
from core.bookings import Booking
from core.payments_facts import OrderId
from core.policy import DAY, HOUR
from core.settlements_messages import ReadSettlements
from onehour.testing.application import MemoryApp
from services.bootstrap import CAPABILITIES
from services.shared.capabilities import documents_of

BEGINS = datetime(2026, 12, 7, 5, 30, tzinfo=UTC)
BATCH = 2_000
PER_DEVELOPER = 100
PER_SETTLEMENT = 500
HOURS = 2
MEBIBYTE = 1024 * 1024
WHAT = ("check", "payments", "pages")
COPIED = (
    "bookings", "payments", "jobs", "transactions", "clearings", "issued_documents",
    "settled_lines",
)  # fmt: skip

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Measured:
    """One check of the run: pages, seconds, those of the CPU in this process and in the embedded
    database, and the most memory of this process, in MiB."""

    check: str
    pages: int
    seconds: float
    ours: float
    database: float
    mebibytes: float

    def row(self, payments: int) -> Row:
        return {
            "check": self.check,
            "payments": f"{payments:,}",
            "pages": str(self.pages),
            "seconds": self.seconds,
            "CPU s": self.ours,
            "database CPU s": self.database,
            "CPU ms for each payment": 1000 * (self.ours + self.database) / payments,
            "MiB": self.mebibytes,
        }


async def reconciliation(folder: Path, numbers: Sequence[int]) -> list[Row]:
    """What a run takes with each number of payments; printed, too."""
    rows = list[Row]()
    for payments in numbers:
        (folder / str(payments)).mkdir()
        rows += await _reconciliation(folder / str(payments), payments)
    return rows


async def _reconciliation(folder: Path, payments: int) -> list[Row]:
    async with SystemUnderTest(folder, None) as system:
        client, name = database_of(system)
        clock = FixedClock(BEGINS)
        store = MongoStore(client, name, clock, NoWakeUps(), documents_of(CAPABILITIES))
        await store.prepare()
        app = MemoryApp(clock=clock, store=store)
        booking = await _one(app)
        began = time.perf_counter()
        await _copies(client[name], app.gateway, booking, payments)
        print(f"{payments:,} payments made in {time.perf_counter() - began:.0f} s", flush=True)
        checks = app.services.reconciliation.checks
        measured = [await _measure(app, check, system.database) for check in checks]
        client.close()
    whole = Measured(
        "all checks",
        sum(each.pages for each in measured),
        sum(each.seconds for each in measured),
        sum(each.ours for each in measured),
        sum(each.database for each in measured),
        max(each.mebibytes for each in measured),
    )
    rows = [each.row(payments) for each in (*measured, whole)]
    for row in rows:
        print(row)
    return rows


async def _measure(app: MemoryApp, name: str, database: list[psutil.Process]) -> Measured:
    service, process = app.services.reconciliation, psutil.Process()
    pages, most, began = 0, 0, time.perf_counter()
    ours, theirs = cpu_seconds([process]), cpu_seconds(database)
    async for result in service.pages(service.checks[name]):
        assert not result.open, result.open[:3]
        pages, most = pages + 1, max(most, process.memory_info().rss)
    return Measured(
        name,
        pages,
        time.perf_counter() - began,
        cpu_seconds([process]) - ours,
        cpu_seconds(database) - theirs,
        most / MEBIBYTE,
    )


async def _one(app: MemoryApp) -> Booking:
    """A booking whose money is ready, and settled by the provider."""
    (client, _), developer = await app.client(), await app.developer()
    job = await app.delivered(client, developer)
    await app.services.jobs.approve(job.id, by=client.id)
    await app.pass_time(8 * DAY)
    app.gateway.settle_all()
    app.gateway.settles = False
    now = app.clock.now()
    since = BEGINS - DAY
    await app.services.settlements.read(
        ReadSettlements("memory", since, now + timedelta(seconds=1))
    )
    await app.run()
    return await app.booking(job.booking_id)


async def _copies(
    database: AsyncIOMotorDatabase[Document], gateway: MemoryGateway, booking: Booking, count: int
) -> None:
    first = {name: await database[name].find({}).to_list(None) for name in COPIED}
    for batch in _batches(range(1, count)):
        for name, documents in first.items():
            copies = [_copy(each, booking, number) for number in batch for each in documents]
            await database[name].insert_many(copies, ordered=False)
        for number in batch:
            _copy_order(gateway, booking, number)
    for name, every in (("settlements", PER_SETTLEMENT), ("balances", PER_DEVELOPER)):
        (document,) = await database[name].find({}).to_list(None)
        copies = [_copy(document, booking, number) for number in range(every, count, every)]
        for each in copies if name == "balances" else []:
            each["available"]["amount"] *= every
        if copies:
            await database[name].insert_many(copies)
        if name == "balances":
            ready = document["available"]["amount"] * min(count, every)
            own = {"$set": {"available.amount": ready}}
            await database[name].update_one({"_id": document["_id"]}, own)
    await database["number_series"].update_many({}, {"$set": {"last": count}})


def _batches(numbers: range) -> Iterator[list[int]]:
    left = iter(numbers)
    while batch := list(islice(left, BATCH)):
        yield batch


def _copy(document: Document, booking: Booking, number: int) -> Document:
    """As the document `number` would be; its first number is 0."""
    rename = _renaming(booking, number)
    later = number * HOURS * HOUR

    def changed(value: Any) -> Any:
        if isinstance(value, str):
            return rename(value)
        if isinstance(value, dict):
            return {key: changed(each) for key, each in value.items()}
        return [changed(each) for each in value] if isinstance(value, list) else value

    made: Document = changed(copy.copy(document))
    if "cells" in made:
        made["cells"] = [cell + number * HOURS * 4 for cell in made["cells"]]
        made["start"] += later
    if "booked_end" in made:
        made["booked_end"] += later
    return made


def _renaming(booking: Booking, number: int) -> Callable[[str], str]:
    own, developer = booking.id.partition("_")[2], booking.developer.id.partition("_")[2]
    seller = number // PER_DEVELOPER
    new = {
        own: f"{number:>026d}".replace("0", "1", 1),
        developer: f"{seller:>026d}".replace("0", "2", 1) if seller else developer,
        "pay1": f"payx{number}",
        "set1": f"set{1 + number // PER_SETTLEMENT}",
        "-000001": f"-{number + 1:06d}",
        booking.number: f"OH-{number:08d}",
    }
    pattern = re.compile("|".join(map(re.escape, new)))
    return lambda text: pattern.sub(lambda found: new[found.group()], text)


def _copy_order(gateway: MemoryGateway, booking: Booking, number: int) -> None:
    rename = _renaming(booking, number)
    (first,) = islice(gateway._orders.values(), 1)
    order = replace(first.order, id=OrderId(rename(first.order.id)))
    attempts = {
        rename(key): replace(each, id=rename(each.id)) for key, each in first.attempts.items()
    }
    paid_by = rename(first.paid_by)
    gateway._orders[order.id] = replace(first, order=order, attempts=attempts, paid_by=paid_by)
