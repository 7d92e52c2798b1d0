"""The editor of the hours: with scripts, without them, and its states without flaws."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Page, expect

from core.availability import Availability
from core.calendar_exceptions import ExceptionKind
from core.weekly_hours import Window
from tests.browser.full_site import FullSite
from tests.browser.visits import BrowserSession, open_browser

pytestmark = pytest.mark.browser

both = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])


async def opened(session: BrowserSession, site: FullSite) -> Page:
    await session.log_in(site.people["Lucía"])
    await session.go("/profile/hours")
    return session.page


async def stored_hours(site: FullSite) -> Availability:
    found = await site.app.store.repositories.developers.get(site.developers["Lucía"].id)
    return found.availability


@both
async def test_a_week_is_filled_copied_changed_and_saved(
    browser: Browser, own_site: FullSite, scripts: bool
) -> None:
    async with open_browser(browser, own_site.url, java_script_enabled=scripts) as session:
        page = await opened(session, own_site)
        await page.click("text=Mon to Fri, 9 to 17")
        await page.wait_for_selector("#from-6-0", state="detached")
        await page.click("#add-0")
        await page.fill("#from-0-1", "18")
        await page.fill("#to-0-1", "24:00")
        await page.click("#copy-0")
        await page.check("[name=copy-0-6]")
        await page.click("button[value=copy-0]")
        await page.wait_for_selector("#from-6-1")
        await page.click("button[value=remove-6-0]")
        await page.wait_for_selector("#from-6-1", state="detached")
        await page.click("main form .button.primary")

        await expect(page.locator(".banner.go b")).to_have_text("Saved.")
        saved = await stored_hours(own_site)
        work = [Window(day, 540, 1020) for day in range(5)]
        assert set(saved.weekly) == {
            *work, Window(0, 1080, 1440), Window(6, 1080, 1440)
        }  # fmt: skip


async def test_the_focus_follows_the_rows_and_a_message_tells_what_changed(
    browser: Browser, site: FullSite
) -> None:
    async with open_browser(browser, site.url) as session:
        page = await opened(session, site)
        loads: list[str] = []
        page.on("load", lambda _: loads.append(page.url))

        await page.focus("#add-2")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#from-2-1:focus")
        await expect(page.locator("#status")).to_have_text("Added to Wednesday.")
        await page.keyboard.type("22")
        await page.focus("button[value=remove-2-0]")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#add-2:focus")

        await expect(page.locator("#from-2-1")).to_have_count(0)
        await expect(page.locator("#from-2-0")).to_have_value("22")
        assert loads == []


@both
async def test_wrong_spans_are_named_with_a_link_and_nothing_typed_is_lost(
    browser: Browser, site: FullSite, scripts: bool
) -> None:
    async with open_browser(browser, site.url, java_script_enabled=scripts) as session:
        page = await opened(session, site)
        await page.fill("#from-1-0", "21:30")
        await page.fill("#to-3-0", "late")
        await page.click("main form .button.primary")

        await expect(page.locator(".banner.stop li")).to_have_text(
            [
                "Tuesday, first span: Ends before it starts.",
                "Thursday, first span: Write times as HH:MM, for example 09:30.",
            ]
        )
        await page.click("text=Tuesday, first span")
        await expect(page).to_have_url(re.compile("#to-1-0$"))
        await expect(page.locator("#to-3-0")).to_have_value("late")
        flaws = await session.find_flaws() if scripts else []
        assert flaws == []


@both
async def test_days_off_and_extra_hours_are_added_and_removed(
    browser: Browser, own_site: FullSite, scripts: bool
) -> None:
    async with open_browser(browser, own_site.url, java_script_enabled=scripts) as session:
        page = await opened(session, own_site)
        await page.fill("#x-from", "2026-11-26")
        await page.fill("#x-to", "2026-11-28")
        await expect(page.locator("#x-start")).to_be_hidden()
        await page.click("#x-add")
        stands = page.locator("#exceptions .error").first
        await expect(stands).to_contain_text(
            "Meera Krishnan has booked Thu 26 Nov 2026, 13:00 to 15:00 CET"
        )
        await expect(stands).to_contain_text("The booking stands.")
        await page.click("label:has([value=extra_hours])")
        await expect(page.locator("#x-to")).to_be_hidden()
        await page.fill("#x-from", "2026-12-05")
        await page.fill("#x-start", "10")
        await page.fill("#x-end", "14:00")
        await page.click("#x-add")
        await expect(page.locator("[aria-label^='Remove: extra hours']")).to_have_count(1)
        flaws = await session.find_flaws() if scripts else []
        await page.click("[aria-label^='Remove: day off']")
        await expect(page.locator("[aria-label^='Remove: day off']")).to_have_count(0)

        assert flaws == []
        saved = await stored_hours(own_site)
        assert [each.kind for each in saved.exceptions] == [ExceptionKind.EXTRA_HOURS]
