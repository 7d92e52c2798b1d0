"""One running house for all stories that do not need one of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.process.running import RunningHouse


@pytest.fixture(scope="session")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningHouse]:
    async with RunningHouse(tmp_path_factory.mktemp("house")) as house:
        yield house
        await house.audit()
