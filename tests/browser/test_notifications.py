"""Notifications in a browser: the bell in two tabs, by keyboard, and without scripts."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from core.accounts import Account
from core.bookings import BookingId
from tests.browser.full_site import FullSite
from tests.browser.talk import CONNECTED, WATCH_CONNECTION
from tests.browser.visits import open_browser

pytestmark = pytest.mark.browser

ACCEPTED = "accepted your booking"


async def all_read(site: FullSite) -> Account:
    """Meera, who has read everything so far."""
    meera = site.people["Meera"]
    await site.run()
    await site.app.services.notifications.read_all(by=meera.id)
    return meera


async def accept(site: FullSite) -> None:
    """The developer accepts the request of Meera."""
    booking = await site.app.booking(BookingId(site.bookings["requested"]))
    await site.app.services.answers.accept(booking.id, by=booking.developer.account_id)


def bell(page: Page) -> Locator:
    return page.locator("details.bell summary")


async def test_a_notification_appears_in_all_tabs_and_is_read_in_all_of_them(
    browser: Browser, live_site: FullSite
) -> None:
    site, meera = live_site, await all_read(live_site)
    async with open_browser(browser, site.url) as session:
        first = session.page
        await session.context.add_init_script(WATCH_CONNECTION)
        await session.log_in(meera)
        second = await session.context.new_page()
        await second.goto(f"{site.url}/notifications")
        await session.go("/account")
        for page in (first, second):
            await page.wait_for_function(CONNECTED)
        await expect(bell(first)).to_have_attribute("aria-label", "Notifications")

        await accept(site)

        for page in (first, second):
            await expect(bell(page)).to_have_attribute("aria-label", "Notifications, 1 new")
            await expect(bell(page).locator(".count")).to_have_text("1")
        new = second.locator("main a.new")
        await expect(new).to_contain_text(ACCEPTED)

        await bell(first).click()
        await first.locator("details.bell a.new").click()

        await expect(first).to_have_url(f"{site.url}/bookings/{site.bookings['requested']}")
        for page in (first, second):
            await expect(bell(page)).to_have_attribute("aria-label", "Notifications")
            await expect(bell(page).locator(".count")).to_be_hidden()
        await expect(second.locator("main a.new")).to_have_count(0)
        await expect(second.locator("main")).to_contain_text(ACCEPTED)
        assert session.console_messages() == []


async def test_the_menu_under_the_bell_works_by_keyboard(
    browser: Browser, live_site: FullSite
) -> None:
    site, meera = live_site, await all_read(live_site)
    await accept(site)
    await site.run()
    async with open_browser(browser, site.url) as session:
        page = session.page
        await session.log_in(meera)
        await session.go("/account")
        await bell(page).focus()

        await page.keyboard.press("Enter")
        await expect(page.locator("details.bell a.new")).to_contain_text(ACCEPTED)
        assert await session.axe() == []
        await page.keyboard.press("Tab")
        await expect(page.locator(":focus")).to_contain_text(ACCEPTED)
        await page.keyboard.press("Escape")

        await expect(page.locator("details.bell")).not_to_have_attribute("open", "")
        await expect(bell(page)).to_be_focused()


async def test_without_scripts_the_list_is_read_and_preferences_are_saved(
    browser: Browser, live_site: FullSite
) -> None:
    site, meera = live_site, await all_read(live_site)
    await accept(site)
    await site.run()
    async with open_browser(browser, site.url, java_script_enabled=False) as session:
        page = session.page
        await session.log_in(meera)
        await bell(page).click()
        await page.get_by_role("link", name="All notifications").click()
        await expect(page.locator("main a.new")).to_contain_text(ACCEPTED)

        await page.get_by_role("button", name="Mark all as read").click()
        await expect(page.locator("main a.new")).to_have_count(0)
        await page.get_by_role("link", name="Preferences").click()
        await page.get_by_label("Bookings: E-mail").uncheck()
        await page.get_by_label("Hold e-mails").check()
        await page.get_by_role("button", name="Save preferences").click()

        await expect(page.get_by_text("Saved.")).to_be_visible()
        await expect(page.get_by_label("Bookings: E-mail")).not_to_be_checked()
        await expect(page.get_by_label("Hold e-mails")).to_be_checked()


async def test_on_a_phone_the_bell_is_a_link(browser: Browser, live_site: FullSite) -> None:
    site, meera = live_site, await all_read(live_site)
    size = {"width": 390, "height": 800}
    async with open_browser(browser, site.url, viewport=size) as session:
        await session.log_in(meera)
        await session.page.get_by_role("link", name="Notifications", exact=True).click()

        await expect(session.page).to_have_url(f"{site.url}/notifications")
        assert await session.find_flaws() == []
