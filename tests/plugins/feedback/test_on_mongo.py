"""The same reviews on a real database: its unique rules, its transactions, and two at once."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from adapters.memory.clock import FixedClock
from adapters.mongo.store import MongoStore
from onehour.testing.scheduling import RecordedWakeUps
from plugins.feedback import Feedback
from plugins.feedback.model import State, Writer
from plugins.feedback.reports import AlreadyReported, Outcome
from services.bootstrap import CAPABILITIES
from services.shared.capabilities import documents_of
from tests.app import CALLER, MONDAY
from tests.plugins.feedback.world import World
from tests.plugins.site import app_with, switched_on
from tests.servers import start_mongo, stop


@pytest.fixture(scope="module")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    process, url = start_mongo(tmp_path_factory.mktemp("feedback"))
    yield url
    stop(process)


@pytest.fixture
async def stored(database_url: str) -> AsyncIterator[World]:
    plugins = switched_on(Feedback, "feedback")
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(database_url)
    clock, name = FixedClock(MONDAY), f"feedback_{uuid.uuid4().hex[:12]}"
    documents = documents_of((*CAPABILITIES, *plugins.capabilities))
    store = MongoStore(client, name, clock, RecordedWakeUps(), documents=documents)
    await store.prepare()
    app = app_with(plugins, clock=clock, store=store)
    account, _ = await app.client()
    yield World(app, plugins, account, await app.developer())
    await client.drop_database(name)
    client.close()


async def test_reviews_that_are_written_at_once_are_shown_and_counted_once(stored: World) -> None:
    jobs = [await stored.approved() for _ in range(2)]

    await asyncio.gather(
        *(stored.from_client(job, 5) for job in jobs), *(stored.from_developer(job) for job in jobs)
    )
    found, _ = await stored.feedback.about(stored.developer.id, order="lowest")

    assert [each.state for each in found] == [State.SHOWN] * 2
    assert (await stored.feedback.summary(stored.developer.id)).stars == (0, 0, 0, 0, 2)
    profile = await stored.app.store.repositories.developers.get(stored.developer.id)
    assert (profile.rating.hundredths, profile.rating.count) == (500, 2)


async def test_a_reported_threat_is_decided(stored: World) -> None:
    job = await stored.approved()
    await stored.from_client(job, 1)
    await stored.from_developer(job)
    by = stored.developer.account_id

    report = await stored.moderation.report_threat(job.id, by=by, reason="Pay back.")
    frozen = (await stored.feedback.summary(stored.developer.id)).count
    with pytest.raises(AlreadyReported):
        await stored.moderation.report_threat(job.id, by=by, reason="Again.")
    waiting = await stored.moderation.waiting(limit=10)
    admin = await stored.app.admin()
    await stored.moderation.decide(report.id, Outcome.KEPT, by=admin, caller=CALLER)

    assert (frozen, waiting) == (0, 1)
    assert (await stored.feedback.summary(stored.developer.id)).count == 1
    assert await stored.feedback.to_write(by=by, writer=Writer.DEVELOPER) == ()
