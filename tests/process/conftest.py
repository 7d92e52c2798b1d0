"""One running application for all tests that do not need one of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.process.running import RunningApp


@pytest.fixture(scope="session")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningApp]:
    async with RunningApp(tmp_path_factory.mktemp("application")) as app:
        yield app
        await app.audit()
