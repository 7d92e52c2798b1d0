"""Calls with sound only, without a camera, and with devices that are missing or busy."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.calling import CONNECTED, press, press_join, two_callers
from tests.browser.launch import launch

pytestmark = pytest.mark.browser

BUSY = """
const { getUserMedia } = navigator.mediaDevices;
window.busy = true;
navigator.mediaDevices.getUserMedia = async function (wanted) {
  if (wanted.video && window.busy) throw new DOMException("in use", "NotReadableError");
  return getUserMedia.call(this, wanted);
};
"""
"""The camera, as a browser has it while another program uses it."""
SOUND = """async () => {
  let received = 0;
  for (const each of (await connections.at(-1).getStats()).values())
    if (each.type === "inbound-rtp" && each.kind === "audio") received += each.packetsReceived || 0;
  return received;
}"""


@pytest.fixture(scope="module")
async def without_devices() -> AsyncIterator[Browser]:
    """It would give camera and microphone to every page, but there are none."""
    async with launch("--use-fake-ui-for-media-stream", full=True) as browser:
        yield browser


async def hear(page: Page) -> None:
    """Sound of the other one arrives."""
    await page.wait_for_function(CONNECTED)
    before = await page.evaluate(SOUND)
    await page.wait_for_function(f"async before => await ({SOUND})() > before", arg=before)


async def see_no_camera(page: Page) -> None:
    await page.wait_for_selector("[data-remote-off]:not([hidden]) >> text=camera is off")


async def test_a_call_with_sound_only_and_a_camera_that_was_busy(cameras: Browser) -> None:
    async with two_callers(cameras) as call:
        meera, lucia = call.pages
        await meera.add_init_script(BUSY)
        await call.lucia.go(call.path)
        await lucia.uncheck('[data-wants="video"]')
        await lucia.click("[data-join]")
        await call.meera.go(call.path)
        problem = meera.locator("[data-check] [data-problem]")
        await problem.filter(has_text="camera is in use by another program").wait_for()
        await meera.click("[data-join]")

        for page in call.pages:
            await hear(page)
            await see_no_camera(page)
        await meera.evaluate("window.busy = false")
        await press(meera, "camera")

        await lucia.wait_for_selector("[data-remote-off]", state="hidden")
        await lucia.wait_for_function("() => document.querySelector('[data-remote]').videoWidth")
        await see_no_camera(meera)
        await expect(problem).to_be_hidden()
        assert await lucia.evaluate("connections.length") == 1


async def test_without_camera_and_microphone_one_sees_and_hears(
    without_devices: Browser, cameras: Browser
) -> None:
    async with two_callers(without_devices, second=cameras) as call:
        meera, lucia = call.pages
        await call.meera.go(call.path)
        problem = meera.locator("[data-check] [data-problem]")
        await problem.filter(has_text="No microphone was found").wait_for()
        await problem.filter(has_text="No camera was found").wait_for()
        await meera.click("[data-join]")
        await call.lucia.go(call.path)
        await press_join(lucia)

        await hear(meera)
        await meera.wait_for_function("() => document.querySelector('[data-remote]').videoWidth")
        await see_no_camera(lucia)
        await lucia.wait_for_selector("[data-remote-muted]:not([hidden])")
        await press(meera, "microphone")
        await meera.wait_for_selector("[data-settings] [data-problem] >> text=No microphone")
        assert await call.meera.find_flaws() == []
