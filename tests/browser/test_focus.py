"""The focus stays where a person works when a part of the page is replaced."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from tests.browser.full_site import FullSite
from tests.browser.visits import open_browser

pytestmark = pytest.mark.browser

REFRESH = "htmx.trigger('#mine', 'booking-updated')"


async def test_a_refreshed_list_keeps_the_focus_on_the_same_link(
    browser: Browser, site: FullSite
) -> None:
    async with open_browser(browser, site.url) as session:
        page = session.page
        await session.log_in(site.people["Meera"])
        link = f'#mine a[href="/bookings/{site.bookings["confirmed"]}"]'
        await page.focus(link)
        await page.evaluate("document.getElementById('mine').dataset.old = 'yes'")

        await page.evaluate(REFRESH)
        await page.wait_for_selector("#mine:not([data-old])")

        await page.wait_for_selector(f"{link}:focus")


async def test_the_focus_stays_among_the_times_when_the_last_week_is_reached(
    browser: Browser, site: FullSite
) -> None:
    async with open_browser(browser, site.url) as session:
        page = session.page
        await session.go(f"/developers/{site.developers['Lucía'].id}")
        for _ in range(20):
            week = await page.inner_text("#wk")
            await page.focus("#times #right")
            await page.keyboard.press("Enter")
            await page.wait_for_function(
                "t => document.getElementById('wk').innerText != t", arg=week
            )
            if not await page.locator("#times a#right").count():
                break

        await page.wait_for_selector("#times:focus")
        await page.keyboard.press("Tab")
        await page.wait_for_selector("#times a#left:focus")
