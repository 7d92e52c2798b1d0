"""Numbers without gaps on a real database: documents that are issued at the same time by several
processes, some of whose transactions fail after they took their number."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from adapters.memory.clock import FixedClock
from adapters.mongo.store import MongoStore
from core.accounts import AccountId
from core.bookings import BookingId
from core.errors import OneHourError
from core.numbering import Series, series_id
from core.payments_messages import IssueDocument
from core.transactions import TransactionId
from onehour.testing.samples.sample import NOW
from onehour.testing.scheduling import RecordedWakeUps
from ports.store import Repositories
from services.bootstrap import CAPABILITIES
from services.payments import ISSUED_DOCUMENTS, Numbering
from services.shared.capabilities import documents_of
from tests.app import MemoryApp
from tests.contracts.golden_documents import Document

PARALLEL = 24
PAYMENTS, PROCESSES = 8, 3
T = TypeVar("T")


class Broken(OneHourError):
    """The transaction fails after it took its number."""


class BreakingStore(MongoStore):
    """Every third transaction fails at its end; none with `every = 0`."""

    begun = 0
    every = 3

    async def transact(self, step: Callable[[Repositories], Awaitable[T]]) -> T:
        self.begun += 1
        fails = self.every and self.begun % self.every == 0

        async def breaking(repositories: Repositories) -> T:
            result = await step(repositories)
            if fails:
                raise Broken
            return result

        return await super().transact(breaking)


@pytest.fixture
async def store(mongo: AsyncIOMotorClient[Document]) -> AsyncIterator[BreakingStore]:
    name, kinds = f"onehour_test_{uuid.uuid4().hex[:12]}", documents_of(CAPABILITIES)
    clock = FixedClock(NOW)
    yield BreakingStore(mongo, name, clock, RecordedWakeUps(), documents=kinds)
    await mongo.drop_database(name)


async def numbers(store: MongoStore) -> list[str]:
    return sorted(
        [each.number async for each in store.repositories.documents(ISSUED_DOCUMENTS).each()]
    )


def counted(series: Series, count: int) -> list[str]:
    return [f"{series_id(series, NOW)}-{n:06d}" for n in range(1, count + 1)]


async def test_processes_that_issue_at_once_and_fail_leave_no_gap(store: BreakingStore) -> None:
    """Each message is delivered to every process, again and again until it is done, as a relay
    does whose leases ended."""
    clock = FixedClock(NOW)
    processes = [Numbering(store=store, clock=clock) for _ in range(PROCESSES)]
    wanted = [
        IssueDocument(
            TransactionId(f"{series}:{n}"),
            BookingId(f"bkg_{n}"),
            AccountId("acc_1"),
            series_id(series, NOW),
        )
        for n in range(PARALLEL)
        for series in (Series.RECEIPT, Series.STATEMENT)
    ]
    failed = 0

    async def deliver(process: Numbering, payload: IssueDocument) -> None:
        nonlocal failed
        while True:
            try:
                return await process.issue(payload)
            except OneHourError:
                failed += 1

    await asyncio.gather(*(deliver(process, each) for each in wanted for process in processes))

    assert failed
    assert await numbers(store) == sorted(
        counted(Series.RECEIPT, PARALLEL) + counted(Series.STATEMENT, PARALLEL)
    )


async def test_waiting_documents_are_issued_together(store: BreakingStore) -> None:
    numbering = Numbering(store=store, clock=FixedClock(NOW))
    key = series_id(Series.RECEIPT, NOW)
    many = [
        IssueDocument(TransactionId(f"pay:{n}"), BookingId(f"bkg_{n}"), AccountId("acc_1"), key)
        for n in range(PARALLEL)
    ]

    await asyncio.gather(*(numbering.issue(each) for each in many))

    assert await numbers(store) == counted(Series.RECEIPT, PARALLEL)
    assert store.begun <= 2
    assert not numbering.waiting


async def test_payments_at_once_do_not_wait_for_numbers(store: BreakingStore) -> None:
    store.every = 0
    app = MemoryApp(store=store)
    bookings = []
    for _ in range(PAYMENTS):
        (client, _), developer = await app.client(), await app.developer()
        bookings.append(await app.hold(client, developer))
        await app.pay(bookings[-1])

    await asyncio.gather(*(app.settle(booking) for booking in bookings))
    before = await numbers(store)
    await app.run()

    year = series_id(Series.RECEIPT, app.clock.now())
    found = Counter(await numbers(store))
    assert before == []
    assert found == Counter(f"{year}-{n:06d}" for n in range(1, PAYMENTS + 1))
