"""How many outbox messages per second are run, from stored to marked as done."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from adapters.system.clock import SystemClock
from bench.load import cpu_seconds
from bench.report import Row
from bench.scenarios import Dataset
from bench.system import SystemUnderTest
from core.live import SlotsChanged
from core.outbox import message

MESSAGES = 2000
BATCH = 100
TIMEOUT_S = 120.0
POLL_INTERVAL_S = 0.2
ALL = {"kind": "live.slots", "_id": {"$regex": "^bench:"}}


async def _until_none(rows: Any, query: dict[str, Any]) -> None:
    while True:
        if await rows.find_one(query, {"_id": 1}) is None:
            return
        await asyncio.sleep(POLL_INTERVAL_S)


async def messages_per_second(system: SystemUnderTest, dataset: Dataset) -> Row:
    """Prints and returns the rate with one worker, for messages that send a live event: the
    cheapest kind."""
    rows = dataset.database["effects"]
    over = {"state": "void", "next_at": None}  # messages left by earlier bookings and log-ins
    await rows.update_many({"state": "ready"}, {"$set": over})
    worker = await system.start("worker", "worker")
    await asyncio.sleep(4)
    now, messages = SystemClock().now(), dataset.store.repositories.outbox
    processes = [worker, *worker.children(recursive=True)]
    before = cpu_seconds(processes)
    began = time.perf_counter()
    for first in range(0, MESSAGES, BATCH):
        added = [
            message(SlotsChanged("dev_bench"), f"bench:{number}", due_at=now)
            for number in range(first, first + BATCH)
        ]
        await messages.add(*added)
    async with asyncio.timeout(TIMEOUT_S):
        # The last ones first: the embedded database reads all of them to find any.
        for query in ({"_id": {"$in": [each.id for each in added[-32:]]}}, ALL):
            await _until_none(rows, {**query, "state": "ready"})
    seconds = time.perf_counter() - began
    cpu = cpu_seconds(processes) - before
    print(
        f"\noutbox messages through relay and worker: {MESSAGES / seconds:,.0f}/s "
        f"({1000 * cpu / MESSAGES:.2f} ms CPU time of the worker each)"
    )
    rate, cpu_ms = MESSAGES / seconds, 1000 * cpu / MESSAGES
    return {"what": "simple messages, one worker", "per second": rate, "CPU ms": cpu_ms}
