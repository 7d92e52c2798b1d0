"""How long the balance of a developer takes who has few ledger entries, and one who has many: it is
kept, so both cost the same."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase

from adapters.mongo.store import MongoStore
from adapters.system.clock import SystemClock
from bench.scenarios import NoWakeUps, database_of
from bench.system import SystemUnderTest
from core.money import Money
from core.payments_policy import PaymentPolicy
from core.transactions import Kind, Transaction, TransactionId, earnings, escrow, movement
from services.bootstrap import CAPABILITIES
from services.payments import Earnings, post
from services.shared.capabilities import documents_of

ENTRIES = (10, 100_000)
TIMES = 200
BATCH = 5_000


async def balance_ms(system: SystemUnderTest) -> Mapping[int, float]:
    """Mean milliseconds to read the balance and what clears, by the number of ledger entries."""
    client, name = database_of(system)
    clock = SystemClock()
    store = MongoStore(client, name, clock, NoWakeUps(), documents_of(CAPABILITIES))
    await store.prepare()
    kept = Earnings(store=store, clock=clock, policy=PaymentPolicy())
    measured: dict[int, float] = {}
    for entries in ENTRIES:
        developer = f"dev_bench_{entries}"
        await _fill(store, client[name], developer, entries)
        assert (await kept.wallet(developer)).balance.available == Money(100)
        began = time.perf_counter()
        for _ in range(TIMES):
            await kept.wallet(developer)
        measured[entries] = 1000 * (time.perf_counter() - began) / TIMES
    client.close()
    return measured


async def _fill(
    store: MongoStore, database: AsyncIOMotorDatabase[Any], developer: str, entries: int
) -> None:
    """One entry as the application posts it, and copies of its document."""
    amount, name = Money(100), f"clear:{developer}"
    entry = Transaction(
        id=TransactionId(name),
        kind=Kind.CLEAR,
        at=SystemClock().now(),
        lines=movement(amount, source=escrow("bench"), target=earnings(developer)),
        description="Measured",
        developer_id=developer,
    )
    await store.transact(lambda repositories: post(repositories, developer, entry))
    stored = await database["transactions"].find_one({"_id": name})
    assert stored
    for first in range(1, entries, BATCH):
        numbers = range(first, min(first + BATCH, entries))
        await database["transactions"].insert_many(
            [{**stored, "_id": f"{name}:{number}"} for number in numbers]
        )
