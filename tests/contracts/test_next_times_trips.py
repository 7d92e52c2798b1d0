"""Renewing the next free times reads and writes as much as is due, in requests of bounded size."""

from __future__ import annotations

import uuid
from collections import Counter

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from adapters.memory.clock import FixedClock
from adapters.mongo.driver import VALUES
from adapters.mongo.store import MongoStore
from core.policy import HOUR
from onehour.testing.samples.developers import a_developer
from onehour.testing.scheduling import RecordedWakeUps
from services.bootstrap import CAPABILITIES
from services.developers import service
from services.shared.capabilities import documents_of
from tests.app import MONDAY, MemoryApp
from tests.contracts.commands import Commands, counted_app
from tests.contracts.test_list_indexes import Document, Queries, Watched, examined, stages

TOGETHER = 2 * VALUES


async def fill(app: MemoryApp, *, due: int, others: int) -> None:
    """So many developers whose time has passed, and others whose time has not."""
    for number in range(due + others):
        ahead = -HOUR if number < due else 300 * HOUR
        times = (MONDAY + ahead,)
        await app.store.repositories.developers.add(a_developer(number, next_times=times))


async def commands_of(app: MemoryApp, commands: Commands) -> Counter[str]:
    commands.clear()
    await app.services.developers.refresh_outdated()
    return Counter(commands.sent)


@pytest.mark.parametrize(("due", "batches"), [(TOGETHER, 1), (2 * TOGETHER, 2)])
async def test_the_requests_of_a_batch_are_bounded(
    mongo_url: str, monkeypatch: pytest.MonkeyPatch, due: int, batches: int
) -> None:
    """One for the profiles, one to write, and for every `VALUES` of them one for the bookings of
    the next days, and one for two weeks, because they work on two days of a week. At the end one
    that finds nothing more."""
    monkeypatch.setattr(service, "REFRESHED_TOGETHER", TOGETHER)
    async with counted_app(mongo_url) as (app, commands):
        await fill(app, due=due, others=20)

        sent = await commands_of(app, commands)

        assert sent == {
            "find developers": batches + 1,
            "find bookings": 2 * batches * TOGETHER // VALUES,
            "update developers": batches,
        }
        assert await commands_of(app, commands) == {"find developers": 1}


async def test_only_the_profiles_that_are_due_are_read(mongo_url: str) -> None:
    queries, name, clock = Queries(), f"onehour_test_{uuid.uuid4().hex[:12]}", FixedClock(MONDAY)
    client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(
        mongo_url, event_listeners=[queries], tz_aware=True
    )
    store = MongoStore(client, name, clock, RecordedWakeUps(), documents_of(CAPABILITIES))
    await store.prepare()
    await fill(MemoryApp(clock=clock, store=store), due=5, others=60)
    watched = Watched(store, client[name], queries)

    (plan,) = await watched.explained(lambda r: r.developers.outdated(now=MONDAY, limit=50))

    used = [stage for stage in stages(plan) if "SCAN" in stage["stage"]]
    assert {stage.get("indexName") for stage in used} == {"outdated_from"}
    assert examined(plan) == 5
    await client.drop_database(name)
    client.close()
