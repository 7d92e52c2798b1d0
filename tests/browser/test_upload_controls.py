"""The list of files that are being sent: bytes and time left, paused and gone on with by keyboard,
a lost connection, and stopped."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from playwright.async_api import Browser, Error, FilePayload, Page, Route, expect

from services.files.documents import FILES
from tests.browser.full_site import FullSite
from tests.browser.test_disputes import page_of, until_checked
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.browser

SLOW_S = 2.5
"""Until a part of a file has arrived."""
LARGE = bytes(range(256)) * 36_000  # two parts
COUNT_KEPT = """() => new Promise((resolve) => {
  indexedDB.open("kept").onsuccess = ({ target: { result: database } }) => {
    const counted = database.transaction("kept").objectStore("kept").count();
    counted.onsuccess = () => resolve(counted.result);
  };
})"""
"""How many files the browser would go on with after a reload."""


class Line:
    """The connection to the storage: parts wait while it is not open, and get lost while it is.
    After one has arrived, the rest waits until it may come."""

    def __init__(self) -> None:
        self.open, self.rest = asyncio.Event(), asyncio.Event()
        self.lost, self.arrived = False, 0

    async def carry(self, route: Route) -> None:
        if route.request.method != "PUT":
            await route.continue_()
            return
        if self.lost:
            await route.abort()
            return
        await self.open.wait()
        if self.arrived:
            await self.rest.wait()
        with suppress(Error):  # the page has stopped it
            await asyncio.sleep(SLOW_S)
            await route.continue_()
            self.arrived += 1


@pytest.fixture
async def line() -> Line:
    return Line()


@pytest.fixture
async def page(browser: Browser, own_site: FullSite, line: Line) -> AsyncIterator[Page]:
    """Of a developer who delivers again."""
    page = await page_of(browser, own_site, "Lucía")
    await page.route("**/*", line.carry)
    await page.goto(f"/bookings/{own_site.bookings['changes']}")
    yield page
    await page.context.close()


async def choose(page: Page, name: str = "dump.bin") -> None:
    file = FilePayload(name=name, mimeType="application/octet-stream", buffer=LARGE)
    await page.set_input_files("#files-delivery", files=file)
    small = page.locator("#upload-delivery .file small")
    await expect(small).not_to_contain_text("being read")


async def stored(site: FullSite) -> list[str]:
    documents = site.app.store.repositories.documents(FILES)
    return [file.name async for file in documents.each() if file.name == "dump.bin"]


async def test_a_file_is_paused_and_gone_on_with_by_keyboard(
    page: Page, own_site: FullSite, line: Line
) -> None:
    await choose(page)
    row = page.locator("#upload-delivery .file")
    await expect(row.locator("small")).to_have_text("0 bytes of 9.2 MB")
    await expect(row.locator("progress")).to_have_js_property("max", len(LARGE))

    await page.get_by_role("button", name="Pause dump.bin").press("Enter")
    await expect(row.locator("small")).to_contain_text("paused by you")
    line.open.set()
    await page.wait_for_timeout(1000 * SLOW_S + 500)
    assert line.arrived <= 1  # what was under way when the file was paused
    line.arrived = 0

    await page.get_by_role("button", name="Go on with dump.bin").press("Enter")
    await expect(row.locator("small")).to_have_text(
        re.compile(r"^[\d.]+ MB of 9\.2 MB, \d+ s left$")
    )
    sent = await row.locator("progress").evaluate("meter => meter.value")
    assert 0 < sent < len(LARGE)
    line.rest.set()
    async for _ in until_checked(own_site):
        if await row.locator("small").text_content() == "9.2 MB, checked":
            break
        await page.wait_for_timeout(200)
    await expect(page.locator("#upload-delivery [role=status]")).to_have_text("1 of 1 files ready.")


async def test_a_lost_connection_is_named_and_the_file_goes_on(
    page: Page, own_site: FullSite, line: Line
) -> None:
    line.lost = True
    await choose(page)
    row = page.locator("#upload-delivery .file")
    await expect(row.locator("small")).to_contain_text("The connection was lost at")

    line.lost = False
    line.open.set()
    line.rest.set()
    await page.get_by_role("button", name="Try again to send dump.bin").click()

    async for _ in until_checked(own_site):
        if await row.locator("small").text_content() == "9.2 MB, checked":
            break
        await page.wait_for_timeout(200)


async def test_a_file_that_is_stopped_before_the_server_has_answered_does_not_come_back(
    page: Page, own_site: FullSite
) -> None:
    asked, answer = asyncio.Event(), asyncio.Event()

    async def answer_later(route: Route) -> None:
        asked.set()
        await answer.wait()
        await route.fallback()

    await page.route("**/api/v1/uploads", answer_later)
    file = FilePayload(name="dump.bin", mimeType="application/octet-stream", buffer=LARGE)
    await page.set_input_files("#files-delivery", files=file)
    await asyncio.wait_for(asked.wait(), PATIENCE_S)
    await page.get_by_role("button", name="Stop dump.bin").click()
    async with page.expect_response(lambda response: response.request.method == "DELETE"):
        answer.set()

    assert await stored(own_site) == []
    assert await page.evaluate(COUNT_KEPT) == 0


async def test_a_file_that_is_stopped_is_gone_here_and_at_the_server(
    page: Page, own_site: FullSite
) -> None:
    await choose(page)
    row = page.locator("#upload-delivery .file")
    await expect(row.locator("small")).to_have_text("0 bytes of 9.2 MB")
    assert await stored(own_site) == ["dump.bin"]

    async with page.expect_response(lambda answer: answer.request.method == "DELETE"):
        await page.get_by_role("button", name="Stop dump.bin").press("Space")

    await expect(row).to_have_count(0)
    assert await stored(own_site) == []
