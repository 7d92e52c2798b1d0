"""The first page a browser sees has the times of its zone, and the site follows it."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.full_site import FullSite
from tests.browser.launch import new_context

pytestmark = pytest.mark.browser

LOS_ANGELES = "America/Los_Angeles"


async def first_look(
    browser: Browser, site: FullSite, path: str, **options: Any
) -> tuple[Page, list[str]]:
    """The page, and the path of each time it was loaded."""
    context = await new_context(browser, **options)
    page = await context.new_page()
    loaded: list[str] = []
    page.on(
        "request",
        lambda request: loaded.append(request.url) if request.is_navigation_request() else None,
    )
    await page.goto(f"{site.url}{path}")
    await page.wait_for_function("!document.documentElement.hidden")
    await page.wait_for_load_state("load")
    return page, loaded


@pytest.mark.parametrize("path", ["/", "/developers", "profile"])
async def test_the_first_page_in_los_angeles_has_its_times(
    browser: Browser, site: FullSite, path: str
) -> None:
    path = path.replace("profile", f"/developers/{site.developers['Lucía'].id}")
    page, loaded = await first_look(browser, site, path, timezone_id=LOS_ANGELES)

    await expect(page.locator("body")).to_contain_text(
        "Times are shown in America/Los Angeles (PST", use_inner_text=True
    )
    assert " PST" in await page.inner_html("main")  # also in names for screen readers
    assert loaded == [f"{site.url}{path}"] * 2


async def test_the_second_page_is_loaded_once(browser: Browser, site: FullSite) -> None:
    page, loaded = await first_look(browser, site, "/", timezone_id=LOS_ANGELES)
    loaded.clear()

    await page.goto(f"{site.url}/developers")

    assert loaded == [f"{site.url}/developers"]


async def test_the_zone_of_the_site_needs_no_second_loading(
    browser: Browser, site: FullSite
) -> None:
    """Chromium calls the zone Asia/Calcutta."""
    _, loaded = await first_look(browser, site, "/", timezone_id="Asia/Kolkata")
    assert loaded == [f"{site.url}/"]


async def test_a_browser_with_blocked_cookies_sees_the_page_and_its_zone(
    browser: Browser, site: FullSite
) -> None:
    context = await new_context(browser, timezone_id=LOS_ANGELES)
    await context.add_init_script(
        "Object.defineProperty(Document.prototype, 'cookie', { get: () => '', set: () => {} })"
    )
    page = await context.new_page()
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))

    await page.goto(f"{site.url}/rules")

    await expect(page.locator("footer")).to_contain_text(
        "Times are shown in Asia/Kolkata (IST, UTC+5:30)"
    )
    assert loaded.count(f"{site.url}/rules") == 1


async def test_without_scripts_a_visitor_chooses_the_zone(browser: Browser, site: FullSite) -> None:
    page, _ = await first_look(
        browser, site, "/developers", timezone_id=LOS_ANGELES, java_script_enabled=False
    )
    await page.click("footer >> text=Change")
    await page.select_option("#timezone", LOS_ANGELES)
    await page.click("text=Show times in this zone")

    await expect(page).to_have_url(f"{site.url}/developers")
    await expect(page.locator("footer")).to_contain_text("Times are shown in America/Los Angeles")


async def test_a_chosen_zone_stays_although_the_device_has_another(
    browser: Browser, site: FullSite
) -> None:
    page, _ = await first_look(browser, site, "/time-zone", timezone_id=LOS_ANGELES)
    await page.select_option("#timezone", "Europe/Kyiv")
    async with page.expect_navigation():
        await page.click("text=Show times in this zone")
    await page.goto(f"{site.url}/rules")

    await expect(page.locator("footer")).to_contain_text("Times are shown in Europe/Kyiv")
