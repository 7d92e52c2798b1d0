"""A browser, and the site on a stage, for the walks."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright

from tests.browser.find import NAMES
from tests.browser.stage import Stage, build_stage, on_air


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield launched
        await launched.close()


@pytest.fixture(scope="session")
async def stage() -> AsyncIterator[Stage]:
    """Only looked at: tests that change something build their own."""
    async with on_air(await build_stage()) as shown:
        yield shown


@pytest.fixture
async def live_stage() -> AsyncIterator[Stage]:
    """One's own, where mails are sent and browsers are told without being asked."""
    async with on_air(await build_stage(), alive=True) as shown:
        yield shown


@pytest.fixture
async def own_stage() -> AsyncIterator[Stage]:
    async with on_air(await build_stage()) as shown:
        yield shown
