"""The pad of a booking, in the browsers of its two parties."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page

from tests.browser.calling import CallOfTwo, two_callers

pytestmark = pytest.mark.browser

TEXT = (
    """() => [...document.querySelectorAll('.cm-line')].map(line => line.textContent).join('\\n')"""
)
SAVED = "[data-pad-state] >> text=Saved for both"


@pytest.fixture
async def call(browser: Browser) -> AsyncIterator[CallOfTwo]:
    async with two_callers(browser) as call:
        yield call


async def text_is(page: Page, text: str) -> None:
    """Wait until the page shows the whole text: short ones are shown completely."""
    await page.wait_for_function(f"text => ({TEXT})() === text", arg=text)


async def open_pads(call: CallOfTwo) -> tuple[Page, Page]:
    for session in (call.meera, call.lucia):
        await session.go(f"/bookings/{call.booking.id}/pad")
        await session.page.wait_for_selector(SAVED)
    return call.pages


async def stored(call: CallOfTwo) -> str:
    pads = call.site.app.services.pads
    return (await pads.of_booking(call.booking)).pad.text


async def test_two_people_write_at_the_same_time(call: CallOfTwo) -> None:
    meera, lucia = await open_pads(call)

    await asyncio.gather(
        meera.locator(".cm-content").press_sequentially("one two three\n" * 3, delay=10),
        lucia.locator(".cm-content").press_sequentially("uno dos tres\n" * 3, delay=10),
    )
    for page in (meera, lucia):
        await page.wait_for_selector(SAVED)
    text = await stored(call)
    for page in (meera, lucia):
        await text_is(page, text)

    assert sorted(text) == sorted("one two three\nuno dos tres\n" * 3)
    assert (call.meera.messages, call.lucia.messages) == ([], [])
    assert await call.lucia.find_flaws() == []
