"""A house on a real database, for the stories that many tell at once."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from adapters.memory.clock import FixedClock
from adapters.mongo.store import MongoStore
from onehour.testing.store_samples import Bell
from tests.app import MONDAY, MemoryApp
from tests.servers import start_mongo, stop


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    process, url = start_mongo(tmp_path_factory.mktemp("stories"))
    yield url
    stop(process)


@pytest.fixture(params=["memory", "mongo"])
async def any_house(request: pytest.FixtureRequest) -> AsyncIterator[MemoryApp]:
    """The same house on either store."""
    if request.param == "memory":
        yield MemoryApp()
        return
    url = request.getfixturevalue("database_url")
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(url)
    clock, name = FixedClock(MONDAY), f"onehour_test_{uuid.uuid4().hex[:12]}"
    store = MongoStore(client, name, clock, Bell())
    await store.prepare()
    yield MemoryApp(clock=clock, store=store)
    await client.drop_database(name)
    client.close()
