"""Each query of the daily comparison begins with a field of an index, by which it is sorted, too.
So a page costs the same however many payments there are, and reads only what it compares."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from adapters.memory.clock import FixedClock
from adapters.mongo.store import MongoStore
from core.accounts import AccountId
from core.policy import DAY
from core.settlements_messages import ReadSettlements
from onehour.testing.scheduling import RecordedWakeUps
from services.bootstrap import CAPABILITIES
from services.shared.capabilities import documents_of
from tests.app import MONDAY, MemoryApp
from tests.builders.chargebacks import question
from tests.builders.withdrawals import set_account, withdraw
from tests.contracts.test_list_indexes import Document, Queries
from tests.services.reconciliation_seeds import approved, declined, held

WHOLE = {("issued_documents", ("number",))}
"""Of these every document is read, that field alone: whether numbers have a gap is a question about
all of them."""
RANGES = ("$gt", "$gte", "$lt", "$lte")


@pytest.fixture
async def site(mongo_url: str) -> AsyncIterator[tuple[MemoryApp, Any, Queries]]:
    """With something to compare for every check."""
    queries, name = Queries(), f"onehour_test_{uuid.uuid4().hex[:12]}"
    client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(
        mongo_url, event_listeners=[queries], tz_aware=True
    )
    clock = FixedClock(MONDAY)
    documents = documents_of(CAPABILITIES)
    store = MongoStore(client, name, clock, RecordedWakeUps(), documents)
    await store.prepare()
    app = MemoryApp(clock=clock, store=store)
    booking = await approved(app)
    await declined(app)
    owner = await store.repositories.accounts.get(AccountId(booking.developer.account_id))
    await set_account(app, owner, holder="Ananya")
    await app.pass_time(9 * DAY)
    await withdraw(app, owner, 100_000)
    await question(app, booking)
    app.gateway.settle_all()
    until = clock.now() + timedelta(seconds=1)
    await app.services.settlements.read(ReadSettlements("memory", MONDAY - DAY, until))
    await app.run()
    await held(app)
    yield app, client[name], queries
    await client.drop_database(name)
    client.close()


async def test_every_query_of_the_comparison_reads_by_an_index(
    site: tuple[MemoryApp, Any, Queries],
) -> None:
    app, database, queries = site
    queries.commands.clear()

    await app.services.reconciliation.run()

    finds = [each for each in queries.commands if "find" in each]
    assert len({each["find"] for each in finds}) >= 15
    for find in finds:
        indexes = await database[find["find"]].index_information()
        keys = [tuple(name for name, _ in each["key"]) for each in indexes.values()]
        assert _served(find, keys) or _whole(find), find


def _whole(find: Document) -> bool:
    read = tuple(name for name, shown in find.get("projection", {}).items() if shown)
    return not find.get("filter") and (find["find"], read) in WHOLE


def _served(find: Document, indexes: Iterable[tuple[str, ...]]) -> bool:
    """By an index that begins with the fields of single values, and goes on with the sorting."""
    wanted = find.get("filter", {})
    exact = {name for name, value in wanted.items() if not _is_range(value)}
    sorting = tuple(find.get("sort", {}))
    for index in indexes:
        begins = set()
        for name in index:
            if name not in exact:
                break
            begins.add(name)
        rest = index[len(begins) :]
        in_order = rest[: len(sorting)] == sorting if sorting else True
        ranged = bool(rest) and rest[0] in wanted
        if in_order and (begins or ranged):
            return True
    return False


def _is_range(value: object) -> bool:
    return isinstance(value, dict) and any(name in value for name in RANGES)
