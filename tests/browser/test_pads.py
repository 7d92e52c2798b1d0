"""The pad of a booking, in the browsers of its two parties."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from core.policy import HOUR
from tests.api_client import until
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


async def paste(page: Page, text: str) -> None:
    await page.locator(".cm-content").evaluate(
        """(editor, text) => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", text);
            const pasted = { clipboardData, bubbles: true, cancelable: true };
            editor.focus();
            editor.dispatchEvent(new ClipboardEvent("paste", pasted));
        }""",
        text,
    )


async def stored(call: CallOfTwo) -> str:
    pads = call.site.app.services.pads
    return (await pads.of_booking(call.booking)).pad.text


async def stored_is(call: CallOfTwo, text: str) -> None:
    """Wait until the site has stored this whole text: a page says "Saved" also before it has
    noticed that something was typed."""
    last = ""

    async def look() -> bool:
        nonlocal last
        last = await stored(call)
        return last == text

    await until(look, what=f"{text[:80]!r}", state=lambda: f"but {last[:80]!r}")


async def holds(call: CallOfTwo, characters: list[str]) -> bool:
    return sorted(await stored(call)) == characters


async def test_two_people_write_at_the_same_time(call: CallOfTwo) -> None:
    meera, lucia = await open_pads(call)

    await asyncio.gather(
        meera.locator(".cm-content").press_sequentially("one two three\n" * 3, delay=10),
        lucia.locator(".cm-content").press_sequentially("uno dos tres\n" * 3, delay=10),
    )
    both = sorted("one two three\nuno dos tres\n" * 3)
    await until(lambda: holds(call, both), what="the texts of both")
    for page in (meera, lucia):
        await page.wait_for_selector(SAVED)
        await text_is(page, await stored(call))

    assert sorted(await stored(call)) == both
    assert (call.meera.messages, call.lucia.messages) == ([], [])
    assert await call.lucia.find_flaws() == []


async def test_what_is_written_without_a_connection_is_merged_later(call: CallOfTwo) -> None:
    meera, lucia = await open_pads(call)
    await lucia.locator(".cm-content").press_sequentially("one\n")
    await text_is(meera, "one\n")

    await meera.context.set_offline(True)
    await meera.wait_for_selector("[data-pad-state] >> text=No connection")
    await meera.locator(".cm-content").press_sequentially("offline ")
    await lucia.locator(".cm-content").press_sequentially("two\n")
    await lucia.wait_for_selector(SAVED)
    await stored_is(call, "one\ntwo\n")

    await meera.context.set_offline(False)
    await text_is(lucia, "offline one\ntwo\n")
    await text_is(meera, "offline one\ntwo\n")
    await meera.wait_for_selector(SAVED)
    await stored_is(call, "offline one\ntwo\n")


async def test_a_page_that_is_left_without_a_connection_sends_it_when_it_comes_back(
    call: CallOfTwo,
) -> None:
    meera, _ = await open_pads(call)
    await meera.context.set_offline(True)
    await meera.wait_for_selector("[data-pad-state] >> text=No connection")
    await meera.evaluate("() => { window.fetch = () => Promise.reject(new Error()); }")
    await meera.locator(".cm-content").press_sequentially("kept here")
    await meera.goto("about:blank")
    await meera.context.set_offline(False)
    assert await stored(call) == ""

    away = {"status": 503, "json": {"code": "unavailable", "title": "Try again later."}}
    await meera.route("**/pad/sync", lambda route: route.fulfill(**away), times=1)
    await call.meera.go(f"/bookings/{call.booking.id}/pad")
    await meera.wait_for_selector("[data-pad-state] >> text=No connection")

    await text_is(meera, "kept here")
    await meera.wait_for_selector(SAVED)
    await stored_is(call, "kept here")
    kept = "() => Object.keys(localStorage).filter(key => key.startsWith('kept:pad')).length"
    await meera.wait_for_function(f"() => ({kept})() === 0")


async def test_a_full_pad_says_so_and_stores_what_it_holds(call: CallOfTwo) -> None:
    meera, lucia = await open_pads(call)
    line = "x" * 99 + "\n"

    await paste(meera, line * 1999)
    await stored_is(call, line * 1999)
    await meera.wait_for_selector(SAVED)
    await paste(meera, line * 2)
    await meera.wait_for_selector("[data-pad-problem] >> text=The pad is full")
    assert await stored(call) == line * 1999

    await meera.keyboard.press("Control+a")
    await meera.keyboard.press("Delete")
    await meera.keyboard.insert_text("short")
    await text_is(lucia, "short")
    await meera.wait_for_selector(SAVED)
    await stored_is(call, "short")


async def test_undo_takes_back_ones_own_changes_only(call: CallOfTwo) -> None:
    meera, lucia = await open_pads(call)
    await meera.locator(".cm-content").press_sequentially("mine")
    await text_is(lucia, "mine")
    await lucia.locator(".cm-content").press_sequentially("hers ")
    await text_is(meera, "hers mine")

    await meera.locator(".cm-content").press("Control+z")

    await text_is(meera, "hers ")
    await text_is(lucia, "hers ")


async def test_the_keyboard_leaves_the_text(call: CallOfTwo) -> None:
    meera, lucia = await open_pads(call)
    await meera.select_option("[data-pad-language]", "python")
    await lucia.wait_for_function(
        "() => document.querySelector('[data-pad-language]').value === 'python'"
    )
    text = meera.get_by_role("textbox", name="Pad of you and Lucía, Python")
    await text.focus()

    await meera.keyboard.press("Tab")
    await meera.keyboard.type("if x:")
    await text_is(meera, "    if x:")
    await lucia.wait_for_selector(".pad-caret[data-name=Meera]")
    await meera.keyboard.press("Escape")
    await meera.wait_for_selector("[data-pad-said] >> text=Press Tab to leave the text.")
    await meera.keyboard.press("Tab")

    focused = await meera.evaluate("() => document.activeElement.textContent.trim()")
    assert focused in ("Copy", "Download")


async def test_it_is_beside_the_call_and_stays_after_it(call: CallOfTwo) -> None:
    meera, lucia = call.pages
    await call.lucia.go(f"/bookings/{call.booking.id}/pad")
    await call.meera.go(call.path)
    await meera.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = async () => new MediaStream(); }"
    )
    await meera.click("[data-join]")
    await meera.click('[data-controls] [data-do="pad"]')
    await meera.wait_for_selector(SAVED)

    await lucia.locator(".cm-content").press_sequentially("both see this")
    await text_is(meera, "both see this")
    await meera.locator(".cm-content").press("Escape")
    await expect(meera.locator("[data-pad-panel]")).to_be_visible()
    await lucia.wait_for_selector(SAVED)

    call.site.app.clock.advance(2 * HOUR)
    await call.lucia.go(f"/bookings/{call.booking.id}")
    await lucia.click("text=Read the pad")
    await expect(lucia.locator("#pad-text")).to_have_text("both see this")
    assert await call.lucia.find_flaws() == []
    async with lucia.expect_download() as download:
        await lucia.click("main >> text=Download")
    path = await (await download.value).path()
    assert path.read_text() == "both see this"


async def test_a_page_that_is_open_when_the_time_is_over_can_only_be_read(call: CallOfTwo) -> None:
    meera, _ = await open_pads(call)
    call.site.app.clock.advance(2 * HOUR)

    await meera.locator(".cm-content").press_sequentially("late")

    await meera.wait_for_selector("[data-pad-problem] >> text=The meeting is over")
    await meera.wait_for_selector("[data-pad-state] >> text=What you wrote last is not saved")
    await meera.locator(".cm-content").press_sequentially("r")
    await text_is(meera, "late")
    assert await stored(call) == ""
