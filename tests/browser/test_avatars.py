"""Adding a profile picture, with scripts and without."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, FilePayload, expect

from onehour.testing.pictures_samples import GREEN, plain
from tests.browser.full_site import FullSite
from tests.browser.visits import BrowserSession, open_browser

pytestmark = pytest.mark.browser

FACE: FilePayload = {
    "name": "me.png",
    "mimeType": "image/png",
    "buffer": plain("PNG", (300, 200), GREEN),
}
SHOWN = "[data-avatar-shown] img"


async def is_drawn(session: BrowserSession) -> bool:
    """Whether the browser has decoded the picture."""
    return bool(await session.page.eval_on_selector(SHOWN, "i => i.decode().then(() => true)"))


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize(("who", "path"), [("Meera", "/account"), ("Tomasz", "/profile")])
async def test_a_picture_is_added_and_removed(
    browser: Browser, own_site: FullSite, who: str, path: str, scripts: bool
) -> None:
    async with open_browser(browser, own_site.url, java_script_enabled=scripts) as session:
        page = session.page
        await session.log_in(own_site.people[who])
        await session.go(path)
        await page.set_input_files("#picture", FACE)

        await page.click("text=Save picture")

        await page.wait_for_url(f"**{path}?saved=yes")
        source = re.compile(r"^/avatars/ava_[0-9a-f]{32}\.webp$")
        await expect(page.locator(SHOWN)).to_have_attribute("src", source)
        if scripts:
            assert await is_drawn(session)
            assert await session.find_flaws() == []

        await page.click("text=Remove picture")

        await page.wait_for_selector("[data-avatar-shown] span.avatar")
        await expect(page.locator(SHOWN)).to_have_count(0)
        assert session.messages == []


async def test_a_chosen_picture_is_shown_before_it_is_sent(
    browser: Browser, own_site: FullSite
) -> None:
    async with open_browser(browser, own_site.url) as session:
        page = session.page
        await session.log_in(own_site.people["Meera"])
        await session.go("/account")

        await page.set_input_files("#picture", FACE)
        await page.wait_for_selector(f'{SHOWN}[src^="data:image/png"]')
        assert await is_drawn(session)

        too_large: FilePayload = {**FACE, "buffer": bytes(5_000_001)}
        await page.set_input_files("#picture", too_large)
        message = "This picture is larger than 5\N{NO-BREAK SPACE}MB. Choose a smaller one."
        await expect(page.locator("#picture")).to_have_js_property("validationMessage", message)
        await expect(page.locator(SHOWN)).to_have_count(0)
        assert session.messages == []


async def test_a_refused_picture_brings_the_focus_to_the_reason(
    browser: Browser, own_site: FullSite
) -> None:
    async with open_browser(browser, own_site.url) as session:
        page = session.page
        await session.log_in(own_site.people["Meera"])
        await session.go("/account")
        await page.set_input_files("#picture", {**FACE, "buffer": b"<html>"})

        await page.click("text=Save picture")

        await page.wait_for_selector("[data-focus]:focus")
        await expect(page.locator("[data-focus]")).to_contain_text(
            "Picture: Choose a JPEG, PNG, WebP or GIF picture."
        )
        assert await session.find_flaws() == []
        await page.click("text=Back to your account")
        await expect(page.locator("h1")).to_have_text("Your account")
