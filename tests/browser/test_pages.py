"""Every page follows the rules for all pages, and the main tasks can be done."""

from __future__ import annotations

from collections.abc import AsyncIterator
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, expect

from tests.browser.full_site import FullSite
from tests.browser.page_paths import FRESH_PAGES, OPEN_PAGES, PAGES_OF, address
from tests.browser.visits import ALL, EACH_ONCE, BrowserSession, Examined, open_browser

pytestmark = pytest.mark.browser


@pytest.fixture(params=[EACH_ONCE, pytest.param(ALL, marks=pytest.mark.long)], ids=["", "all"])
def examined(request: pytest.FixtureRequest) -> Examined:
    found: Examined = request.param
    return found


async def assert_no_flaws(
    session: BrowserSession, path: str, examined: Examined = EACH_ONCE
) -> None:
    status = await session.go(path)
    flaws = await session.find_flaws(examined)
    messages = session.console_messages(refused=status >= 400)
    assert (path, flaws, messages) == (path, [], [])
    session.messages.clear()


@pytest.fixture(scope="module")
async def visitor(browser: Browser, site: FullSite) -> AsyncIterator[BrowserSession]:
    """Goes from page to page without an account."""
    async with open_browser(browser, site.url) as session:
        yield session


@pytest.mark.parametrize("path", OPEN_PAGES)
async def test_a_visitors_page_has_no_flaws(
    visitor: BrowserSession, examined: Examined, path: str
) -> None:
    await assert_no_flaws(visitor, path, examined)


async def test_a_profile_has_no_flaws(browser: Browser, site: FullSite, examined: Examined) -> None:
    async with open_browser(browser, site.url) as session:
        profile = f"/developers/{site.developers['Lucía'].id}"
        await assert_no_flaws(session, profile, examined)


@pytest.mark.parametrize("who", PAGES_OF)
async def test_the_pages_of_signed_in_users_have_no_flaws(
    browser: Browser, site: FullSite, examined: Examined, who: str
) -> None:
    async with open_browser(browser, site.url) as session:
        await session.log_in(site.people[who], site)
        for page in PAGES_OF[who]:
            await assert_no_flaws(session, address(site, page), examined)


@pytest.mark.parametrize("who", ["Meera", "Long"])
async def test_the_pages_behind_a_fresh_code_have_no_flaws(
    browser: Browser, site: FullSite, examined: Examined, who: str
) -> None:
    async with open_browser(browser, site.url) as session:
        await session.log_in(site.people[who])
        await site.make_fresh(site.people[who])
        for page in FRESH_PAGES:
            await assert_no_flaws(session, page, examined)
            assert session.page.url == site.url + page


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_visitor_picks_logs_in_and_keeps_the_time(
    browser: Browser, own_site: FullSite, scripts: bool
) -> None:
    arjun = own_site.developers["Arjun"]
    async with open_browser(browser, own_site.url, java_script_enabled=scripts) as session:
        page = session.page
        await session.go(f"/developers/{arjun.id}?hours=2")
        await page.locator("label.day:has(input:not(:disabled))").nth(2).click()
        await page.locator(".times:visible label.choice").nth(1).click()
        await page.fill("#brief", "Our report takes 38 seconds.")
        await page.click("text=Log in to reserve this time")
        await page.fill("#email", own_site.people["Nils"].email)
        await page.fill("#password", "four-quiet-green-trains")
        await page.click("main form .button.primary")
        await expect(page.locator("#brief")).to_have_value("Our report takes 38 seconds.")
        await expect(page.locator("[name=start]:checked")).to_have_count(1)

        await page.click("text=Reserve this time and pay")

        await expect(page.locator("#next")).to_have_text("Pay to book this time")
        assert await page.inner_text("h1") == "2\N{NO-BREAK SPACE}hours with Arjun Nair"


async def test_a_taken_hour_loses_nothing_that_was_typed(
    browser: Browser, own_site: FullSite
) -> None:
    arjun, meera = own_site.developers["Arjun"], own_site.people["Meera"]
    async with open_browser(browser, own_site.url) as session:
        page = session.page
        await session.log_in(own_site.people["Nils"])
        await session.go(f"/developers/{arjun.id}")
        await page.locator(".times:visible label.choice").nth(0).click()
        await page.fill("#brief", "Our report takes 38 seconds.")
        start = await page.locator("[name=start]:checked").input_value()
        wait = type(own_site.app.clock.now()).fromisoformat(start) - own_site.app.clock.now()
        await own_site.app.hold(meera, arjun, starts_in=wait, hours=1)

        await page.click("text=Reserve this time and pay")

        await expect(page.locator(".banner.stop")).to_contain_text(
            "This hour has just been taken. Nothing was charged."
        )
        await expect(page.locator("#brief")).to_have_value("Our report takes 38 seconds.")
        await expect(page.locator(f'[name=start][value="{start}"]')).to_have_count(0)


async def test_the_return_page_turns_to_paid_by_itself(
    browser: Browser, own_site: FullSite
) -> None:
    held = await own_site.app.booking(own_site.bookings["held"])
    async with open_browser(browser, own_site.url) as session:
        await session.log_in(own_site.people["Meera"])
        await session.go(f"/bookings/{held.id}/return")
        await expect(session.page.locator("h1")).to_have_text("Checking your payment")

        await own_site.app.pay(held)

        await session.page.wait_for_selector('#return[data-state="paid"] h1:focus')
        await expect(session.page.locator("h1")).to_have_text(
            "Payment complete. Waiting for Tomasz’s answer."
        )


async def test_money_is_released_only_after_a_second_yes(
    browser: Browser, own_site: FullSite
) -> None:
    async with open_browser(browser, own_site.url) as session:
        page = session.page
        await session.log_in(own_site.people["Meera"])
        await session.go(address(own_site, "delivered"))
        await page.click("[data-dialog=approve]")
        await expect(page.locator("#approve-h")).to_have_text("Release ₹4,800.00?")

        await page.click("#approve .button.primary")

        await page.wait_for_selector("text=You released ₹4,800.00")


async def test_before_the_meeting_the_second_yes_names_it(
    browser: Browser, own_site: FullSite
) -> None:
    booking = await own_site.app.booking(own_site.bookings["delivered_early"])
    async with open_browser(browser, own_site.url) as session:
        page = session.page
        await session.log_in(own_site.people["Rohan"])
        await session.go(address(own_site, "delivered_early"))
        await page.click("[data-dialog=approve]")
        start = booking.start.astimezone(ZoneInfo("Asia/Kolkata"))
        await expect(page.locator("#approve")).to_contain_text(
            f"You have not met yet. You meet on {start:%a} {start.day}"
        )

        await page.click("#approve .button.primary")

        await page.wait_for_selector("text=You meet Lucía")
        await session.go("/dashboard")
        upcoming = page.locator("section", has=page.locator("h2", has_text="Upcoming"))
        await expect(upcoming.locator(f'a[href="/bookings/{booking.id}"]')).to_have_count(1)


async def test_the_first_stop_skips_to_the_content(browser: Browser, site: FullSite) -> None:
    async with open_browser(browser, site.url) as session:
        await session.go("/")
        await session.page.keyboard.press("Tab")
        await expect(session.page.locator("a.skip:focus")).to_have_text("Skip to content")
