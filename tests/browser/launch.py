"""Starts a browser for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, BrowserContext, async_playwright, expect

from tests.browser.find import LIGHT, find_installed
from tests.patience import PATIENCE_S

PATIENCE_MS = 1000 * PATIENCE_S
"""How long pages are waited for, instead of the 5 and 30 seconds of Playwright."""


@asynccontextmanager
async def launch(
    *args: str, full: bool = False, without: Sequence[str] = ()
) -> AsyncIterator[Browser]:
    """Chromium with these arguments, `without` some of those that Playwright adds. `full` is the
    whole browser instead of the light one."""
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find_installed() if full else find_installed(LIGHT),
            args=["--no-sandbox", *args],
            ignore_default_args=list(without),
        )
        yield browser
        await browser.close()


async def new_context(browser: Browser, **options: Any) -> BrowserContext:
    """A new user of the browser, whose pages are waited for as long as everything else in tests."""
    context = await browser.new_context(**options)
    context.set_default_timeout(PATIENCE_MS)
    return context
