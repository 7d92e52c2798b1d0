"""A booking is moved in browsers: asked, kept, asked again and accepted, on both sides."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from core.bookings import BookingId
from core.policy import HOUR
from tests.browser.full_site import FullSite
from tests.browser.test_disputes import page_of, picture, press
from tests.browser.test_pages import assert_no_flaws
from tests.browser.visits import BrowserSession

pytestmark = pytest.mark.browser


async def test_a_meeting_is_moved_after_a_first_proposal_was_refused(
    browser: Browser, own_site: FullSite
) -> None:
    booking = await own_site.app.booking(own_site.bookings["confirmed"])
    path = f"/bookings/{booking.id}"
    client = next(n for n, p in own_site.people.items() if p.id == booking.client.account_id)
    lucia = await page_of(browser, own_site, booking.developer.name.split()[0])
    asks = await page_of(browser, own_site, client)

    await asks.goto(path)
    await picture(asks, "move-way")
    await asks.get_by_role("link", name="Move the meeting").click()
    await picture(asks, "move-times")
    await press(asks, "to move")
    await asks.locator(".times:visible .choice").nth(2).click()
    await expect(asks.locator("#chosen")).to_be_visible()
    await asks.get_by_label("Why?").fill("Our release has moved to the afternoon.")
    await picture(asks, "move-chosen")
    await press(asks, "to move")
    await expect(asks.locator("#move")).to_contain_text("You ask to move the meeting")
    await picture(asks, "move-waits")
    await assert_no_flaws(BrowserSession(asks.context, asks, own_site.url), path)

    await lucia.goto(path)
    await expect(lucia.locator("#move")).to_contain_text("Our release has moved")
    await picture(lucia, "move-answer")
    await assert_no_flaws(BrowserSession(lucia.context, lucia, own_site.url), path)
    await press(lucia, "Keep ")
    await expect(lucia.locator("main")).to_contain_text("You did not accept")
    await picture(lucia, "move-kept")

    await asks.goto(f"{path}/reschedule")
    await asks.locator(".days .choice:has(input:enabled)").last.click()
    await asks.locator(".times:visible .choice").first.click()
    await press(asks, "to move")
    await expect(asks.locator("#move")).to_contain_text("You ask to move the meeting")
    await lucia.goto(path)
    await press(lucia, "Accept ")
    await expect(lucia.locator("main")).to_contain_text("You accepted: moved to")
    await picture(lucia, "moved")

    moved = await own_site.app.booking(booking.id)
    assert moved.moves == 1
    assert moved.start > booking.start
    await asks.goto(path)
    await expect(asks.locator("main")).to_contain_text("All 2 new times of this booking are used")
    await asks.goto(f"{path}/reschedule")
    await picture(asks, "move-used")


async def test_a_client_who_is_asked_finds_it_first_in_the_list(
    browser: Browser, own_site: FullSite
) -> None:
    booking = await own_site.app.booking(own_site.bookings["confirmed"])
    await own_site.app.services.reschedules.propose(
        booking.id, by=booking.developer.account_id, start=booking.start + 24 * HOUR
    )
    meera = await page_of(browser, own_site, "Meera")

    await meera.goto("/dashboard")
    await expect(meera.locator("#mine .next")).to_contain_text("Lucía Fernández asks to move to")
    await picture(meera, "move-dashboard")
    await meera.get_by_role("link", name="Answer the new time").click()
    await expect(meera.locator("#move")).to_contain_text("Lucía asks to move the meeting")


async def test_the_address_of_the_calendar_is_made_and_replaced(
    browser: Browser, own_site: FullSite
) -> None:
    meera = await page_of(browser, own_site, "Meera")
    feeds, account = own_site.app.services.feeds, own_site.people["Meera"].id

    await meera.goto("/account/calendar")
    await picture(meera, "calendar-none")
    await press(meera, "Make a secret address")
    await expect(meera.locator("main")).to_contain_text("Your calendar has an address.")
    await picture(meera, "calendar-made")
    first = await feeds.secret(by=account)
    await expect(meera.get_by_label("Secret address")).to_have_value(
        re.compile(f"/api/v1/calendar/{first}.ics$")
    )
    await press(meera, "Make a new address")
    await expect(meera.locator("main")).to_contain_text("The one before works no more.")
    assert await feeds.secret(by=account) not in (None, first)
    await press(meera, "Remove it")
    await expect(meera.locator("main")).to_contain_text("The address is removed.")
    assert await feeds.secret(by=account) is None


async def test_twelve_hours_before_the_start_the_page_says_that_moving_has_ended(
    browser: Browser, own_site: FullSite
) -> None:
    booking = await own_site.app.booking(own_site.bookings["confirmed"])
    client = next(n for n, p in own_site.people.items() if p.id == booking.client.account_id)
    own_site.app.clock.set(booking.start - 12 * HOUR)
    page = await page_of(browser, own_site, client)

    await page.goto(f"/bookings/{BookingId(booking.id)}")
    await expect(page.locator("main")).to_contain_text("Moving ended at")
    await picture(page, "move-too-late")
    await page.goto(f"/bookings/{booking.id}/reschedule")
    await expect(page.locator("main")).to_contain_text("It is too late to move this booking")
    await picture(page, "move-too-late-page")
