"""The application on a real database, for tests with many requests at once."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from adapters.memory.clock import FixedClock
from adapters.mongo.store import MongoStore
from onehour.testing.scheduling import RecordedWakeUps
from services.bootstrap import CAPABILITIES
from services.shared.capabilities import documents_of
from tests.app import MONDAY, MemoryApp
from tests.servers import start_mongo, stop


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    process, url = start_mongo(tmp_path_factory.mktemp("database"))
    yield url
    stop(process)


@pytest.fixture(params=["memory", "mongo"])
async def any_app(request: pytest.FixtureRequest) -> AsyncIterator[MemoryApp]:
    """The same application on either store."""
    if request.param == "memory":
        yield MemoryApp()
        return
    url = request.getfixturevalue("database_url")
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(url)
    clock, name = FixedClock(MONDAY), f"onehour_test_{uuid.uuid4().hex[:12]}"
    store = MongoStore(client, name, clock, RecordedWakeUps(), documents_of(CAPABILITIES))
    await store.prepare()
    yield MemoryApp(clock=clock, store=store)
    await client.drop_database(name)
    client.close()
