"""Starts a browser for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright, expect

from tests.browser.find import LIGHT, find_installed

EXPECTED_WITHIN_MS = 30_000
"""What an `expect` waits for: on a slow machine more than the five seconds of Playwright."""


@asynccontextmanager
async def launch(
    *args: str, full: bool = False, without: Sequence[str] = ()
) -> AsyncIterator[Browser]:
    """Chromium with these arguments, `without` some of those that Playwright adds. `full` is the
    whole browser instead of the light one."""
    expect.set_options(timeout=EXPECTED_WITHIN_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find_installed() if full else find_installed(LIGHT),
            args=["--no-sandbox", *args],
            ignore_default_args=list(without),
        )
        yield browser
        await browser.close()
