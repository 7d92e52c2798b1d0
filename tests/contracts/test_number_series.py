"""Numbers without gaps on a real database: transactions at the same time, some of which fail after
they took their number."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from adapters.memory.clock import FixedClock
from adapters.mongo.store import MongoStore
from core.errors import OneHourError
from core.money import Money
from core.numbering import Series, series_id
from core.transactions import Kind, Transaction, TransactionId, escrow, gateway, movement
from onehour.testing.samples.sample import NOW
from onehour.testing.scheduling import RecordedWakeUps
from ports.store import Repositories
from services.bootstrap import CAPABILITIES
from services.payments.numbering import numbered
from services.shared.capabilities import documents_of
from tests.app import MemoryApp
from tests.contracts.golden_documents import Document

PARALLEL = 24


class Broken(OneHourError):
    """The transaction fails after it took its number."""


def a_payment(number: int) -> Transaction:
    lines = movement(Money(100), source=gateway("memory"), target=escrow(f"bkg_{number}"))
    name = TransactionId(f"pay:{number}")
    return Transaction(name, Kind.PAY, NOW, lines, "Payment", booking_id=f"bkg_{number}")


@pytest.fixture
async def store(mongo: AsyncIOMotorClient[Document]) -> AsyncIterator[MongoStore]:
    name, kinds = f"onehour_test_{uuid.uuid4().hex[:12]}", documents_of(CAPABILITIES)
    yield MongoStore(mongo, name, FixedClock(NOW), RecordedWakeUps(), documents=kinds)
    await mongo.drop_database(name)


async def test_parallel_payments_get_consecutive_numbers_although_some_fail(
    store: MongoStore,
) -> None:
    async def pay(number: int) -> None:
        async def step(repositories: Repositories) -> None:
            await repositories.transactions.add(await numbered(repositories, a_payment(number)))
            if number % 3 == 0:
                raise Broken

        await store.transact(step)

    answers = await asyncio.gather(*(pay(n) for n in range(PARALLEL)), return_exceptions=True)

    entries = [entry async for entry in store.repositories.transactions.all()]
    failed = [each for each in answers if each is not None]
    assert all(isinstance(each, Broken) for each in failed)
    assert len(failed) == PARALLEL // 3
    assert sorted(entry.number for entry in entries) == [
        f"{series_id(Series.RECEIPT, NOW)}-{count:06d}"
        for count in range(1, PARALLEL - len(failed) + 1)
    ]


async def test_many_payments_of_one_process_are_recorded_at_once(store: MongoStore) -> None:
    """They wait for each other: transactions that conflict over the number would give up."""
    app = MemoryApp(store=store)
    bookings = []
    for _ in range(PARALLEL):
        (client, _), developer = await app.client(), await app.developer()
        bookings.append(await app.hold(client, developer))
        await app.pay(bookings[-1])

    await asyncio.gather(*(app.settle(booking) for booking in bookings))

    numbers = [entry.number async for entry in store.repositories.transactions.all()]
    year = series_id(Series.RECEIPT, app.clock.now())
    assert sorted(numbers) == [f"{year}-{n:06d}" for n in range(1, PARALLEL + 1)]
