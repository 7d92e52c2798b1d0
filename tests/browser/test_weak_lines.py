"""What pages of calls do on weak lines."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page

from tests.browser.calling import FAKE_DEVICES, press, two_callers
from tests.browser.full_site import FullSite
from tests.browser.launch import launch
from tests.browser.lossy_line import REAL_ADDRESSES, lossy_line

pytestmark = pytest.mark.browser

STEPS = """async readings => {
  const { openAdaption } = await import("/static/video-peer/adaption.js");
  const next = openAdaption();
  return readings.flatMap(([count, reading]) => Array.from({ length: count }, () => next(reading)));
}"""
QUALITY = """async given => {
  const { quality } = await import("/static/calls/js/words.js");
  const reading = { loss: 0, sendingLoss: 0, roundTrip: 0, isLess: false, isScreen: false };
  return quality({ ...reading, ...given }).words;
}"""
SENT = """() => {
  const sender = connections.at(-1).getSenders().find(each => each.track?.kind === "video");
  const [{ maxBitrate, maxFramerate, scaleResolutionDownBy }] = sender.getParameters().encodings;
  return [maxBitrate, maxFramerate, scaleResolutionDownBy];
}"""
ALL, LESS, LEAST = [1_200_000, 30, 1], [400_000, 20, 2], [150_000, 12, 4]
SCREEN, SLOWER_SCREEN = [2_000_000, 15, 1], [300_000, 3, 1]
GOOD = {"sendingLoss": 0.0, "roundTrip": 0.05, "available": 2_000_000}
LOSING = {"sendingLoss": 0.2, "roundTrip": 0.05, "available": 2_000_000}
NARROW = {"sendingLoss": 0.0, "roundTrip": 0.05, "available": 200_000}


async def sends(page: Page, ceiling: list[int]) -> None:
    await page.wait_for_function(f"wanted => String(({SENT})()) === String(wanted)", arg=ceiling)


@pytest.mark.parametrize(
    ("readings", "steps"),
    [
        ([(3, GOOD)], [0, 0, 0]),
        ([(1, LOSING), (1, GOOD), (1, LOSING)], [0, 0, 0]),  # one alone is chance
        ([(5, LOSING)], [0, 1, 1, 2, 2]),
        ([(2, NARROW), (4, NARROW)], [0, 1, 1, 1, 1, 1]),  # it takes what is sent then
        ([(2, LOSING), (8, GOOD)], [0, 1, 1, 1, 1, 1, 1, 1, 1, 0]),
        ([(2, LOSING), (8, GOOD), (2, LOSING), (15, GOOD), (1, GOOD)],
         [0, *8 * [1], 0, 0, *16 * [1], 0]),  # after a mistake it waits longer
    ],
)  # fmt: skip
async def test_less_is_sent_after_two_bad_readings_and_more_after_many_good_ones(
    readings: list[tuple[int, object]], steps: list[int], browser: Browser, site: FullSite
) -> None:
    page = await browser.new_page()
    await page.goto(site.url)

    found = await page.evaluate(STEPS, readings)

    await page.close()
    assert found == steps


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "Good connection"),
        ({"loss": 0.05}, "Weak connection"),
        ({"sendingLoss": 0.05}, "Weak connection"),
        ({"roundTrip": 0.4}, "Weak connection"),
        ({"isLess": True}, "Weak connection"),
        ({"loss": 0.1, "sendingLoss": 0.0}, "Poor connection"),
        ({"roundTrip": 0.7, "isLess": True}, "Poor connection"),
    ],
)
async def test_the_line_is_told_in_words_by_its_worse_direction(
    given: dict[str, object], words: str, browser: Browser, site: FullSite
) -> None:
    page = await browser.new_page()
    await page.goto(site.url)

    found = await page.evaluate(QUALITY, given)

    await page.close()
    assert found == words


@pytest.mark.long  # a busy machine sends less by itself
async def test_on_a_weak_line_the_picture_gets_smaller_and_the_screen_only_slower() -> None:
    size = "() => document.querySelector('[data-remote]').videoWidth"
    async with (
        launch(*FAKE_DEVICES, REAL_ADDRESSES) as browser,
        two_callers(browser) as call,
        lossy_line(*call.pages) as line,
    ):
        meera, lucia = call.pages
        await call.join()
        await sends(meera, ALL)
        before = await lucia.evaluate(size)

        line.loss = 0.25

        await sends(meera, LEAST)
        for page in call.pages:
            await page.wait_for_selector("[data-quality] >> text=/(Weak|Poor) connection/")
        await lucia.wait_for_function(f"before => ({size})() < before", arg=before)
        await meera.wait_for_selector('[data-quality][title*="the sound stays clear"]')
        await press(meera, "screen")
        await sends(meera, SLOWER_SCREEN)
        await meera.wait_for_selector('[data-quality][title*="text stays sharp"]')
        for page in call.pages:
            assert await page.evaluate("connections.length") == 1
