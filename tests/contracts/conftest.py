"""One real MongoDB server for all contracts of the store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from tests.servers import start_mongo, stop

Client = AsyncIOMotorClient[dict[str, Any]]


@pytest.fixture(scope="session")
def mongo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    process, url = start_mongo(tmp_path_factory.mktemp("mongo"))
    yield url
    stop(process)


@pytest.fixture(scope="session")
async def mongo(mongo_url: str) -> AsyncIterator[Client]:
    client: Client = AsyncIOMotorClient(mongo_url)
    yield client
    client.close()
