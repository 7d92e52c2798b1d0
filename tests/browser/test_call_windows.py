"""Full screen and the small window of a call, which the light browser does not have."""

from __future__ import annotations

import pytest

from tests.browser.calling import FAKE_DEVICES, press, see_pictures, two_callers
from tests.browser.launch import launch

pytestmark = pytest.mark.browser

IS_FULL = "() => document.fullscreenElement === document.querySelector('[data-call]')"
IS_SMALL = "() => document.pictureInPictureElement === document.querySelector('[data-remote]')"


async def test_a_call_fills_the_screen_or_a_small_window_over_other_pages() -> None:
    async with launch(*FAKE_DEVICES, full=True) as browser, two_callers(browser) as call:
        meera = call.meera.page
        await call.join()

        await press(meera, "full")
        await meera.wait_for_function(IS_FULL)
        await meera.wait_for_selector('[data-controls] [data-do="leave"]')
        await see_pictures(meera)
        await press(meera, "full")
        await meera.wait_for_function("() => !document.fullscreenElement")

        await press(meera, "pip")
        await meera.wait_for_function(IS_SMALL)
        await see_pictures(meera)
        await press(meera, "pip")
        await meera.wait_for_function("() => !document.pictureInPictureElement")

        await press(meera, "pip")
        await meera.wait_for_function(IS_SMALL)
        await press(meera, "leave")
        await meera.wait_for_function("() => !document.pictureInPictureElement")
        assert (call.meera.messages, call.lucia.messages) == ([], [])
