"""A dispute in browsers: opened, answered, evidence, offers, a split; and one that is decided."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from core.money import Money
from core.payments import Status
from tests.browser.full_site import FullSite
from tests.browser.launch import new_context
from tests.browser.visits import BrowserSession
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.browser

SCREENSHOTS = os.environ.get("ONEHOUR_SCREENSHOTS")
"""A folder for pictures of the pages, to look at."""


async def page_of(browser: Browser, site: FullSite, name: str, *, scripts: bool = True) -> Page:
    context = await new_context(
        browser,
        base_url=site.url,
        timezone_id="Asia/Kolkata",
        java_script_enabled=scripts,
        reduced_motion="reduce",
    )
    page = await context.new_page()
    await BrowserSession(context, page, site.url).log_in(site.people[name], site)
    return page


async def press(page: Page, words: str) -> None:
    await page.get_by_role("button", name=words).first.click()


async def picture(page: Page, name: str) -> None:
    """At both widths, if a folder is named; at 390 pixels nothing is wider than the window."""
    for width in (390, 1280):
        await page.set_viewport_size({"width": width, "height": 900})
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, (name, wide)
        if SCREENSHOTS:
            file = Path(SCREENSHOTS) / f"{name}-{width}.png"
            await page.screenshot(path=file, full_page=True)


async def send_file(page: Page, site: FullSite, name: str, *, scripts: bool) -> None:
    """Into the field of the page; without scripts by way of the page of sent files."""
    file = FilePayload(name=name, mimeType="text/plain", buffer=b"08:00 up\n08:05 down\n")
    await page.set_input_files("#files-evidence", files=file)
    if scripts:
        status = page.locator("#upload-evidence [role=status]")
        await expect(status).to_contain_text("on their way")
        async for _ in until_checked(site):
            if await status.text_content() == "1 of 1 files ready.":
                return
    await press(page, "Send files")
    await site.app.run()
    await page.get_by_role("link", name="Look again").click()
    await page.get_by_role("link", name="Back", exact=True).click()
    await expect(page.get_by_label(name)).to_be_checked()


async def until_checked(site: FullSite) -> AsyncIterator[None]:
    """Runs the checks of files until the caller has seen enough."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        await site.app.run()
        yield
        await asyncio.sleep(0.1)
    raise AssertionError("the file is not checked")


async def open_case(page: Page, site: FullSite, *, scripts: bool = True) -> str:
    """The client opens a case about the delivery; returns its path."""
    await page.goto(f"/bookings/{site.bookings['delivered']}")
    await page.get_by_role("link", name="Something is wrong").first.click()
    await send_file(page, site, "uptime.txt", scripts=scripts)
    await picture(page, "problem")
    await page.get_by_label("The work is not what we agreed").check()
    await page.get_by_label("A part of the money back to you").check()
    await page.get_by_label("How much").fill("4,000")
    await page.get_by_label("What happened?").fill("Staging was down for 25 minutes.")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.locator("h1")).to_contain_text("Case about")
    await picture(page, "case-opened")
    return page.url.removeprefix(site.url)


@pytest.mark.parametrize("scripts", [True, False])
async def test_two_sides_agree_on_a_split(
    browser: Browser, own_site: FullSite, scripts: bool
) -> None:
    meera = await page_of(browser, own_site, "Meera", scripts=scripts)
    lucia = await page_of(browser, own_site, "Lucía", scripts=scripts)
    case = await open_case(meera, own_site, scripts=scripts)

    await lucia.goto(case)
    await picture(lucia, "case-to-answer")
    await lucia.get_by_label("Nothing back to Meera").check()
    await lucia.get_by_label("What happened?").fill("It is as the brief says.")
    await press(lucia, "Answer")
    await send_file(lucia, own_site, "balancer.log", scripts=scripts)
    await lucia.get_by_label("Add evidence").fill("The log: https://example.com/log")
    await picture(lucia, "case-evidence")
    await press(lucia, "Add evidence")
    for name in ("uptime.txt", "balancer.log"):
        await expect(lucia.get_by_role("link", name=f"Download {name}")).to_be_visible()
    await lucia.wait_for_load_state()  # the preview follows what is typed after that
    await lucia.get_by_label("Back to Meera, in rupees").fill("1,776.00")
    if not scripts:
        await press(lucia, "Show the split")
    await expect(lucia.locator("#split")).to_contain_text("₹2,721.60")
    await lucia.get_by_label("A sentence for Meera").fill("I take a share.")
    await press(lucia, "Offer this split")
    await expect(lucia.locator("#next")).to_contain_text("You offered ₹1,776.00 back")
    await picture(lucia, "case-offered")

    await meera.goto(case)
    await picture(meera, "case-offer-received")
    await expect(meera.locator("#next")).to_contain_text("Lucía offers ₹1,776.00 back to you")
    await press(meera, "Accept, get ₹1,776.00 back")
    await expect(meera.locator("#next")).to_contain_text("Both sides agreed")
    await picture(meera, "case-settled")

    booking = await own_site.app.booking(own_site.bookings["delivered"])
    payment = await own_site.app.payment(booking)
    assert (payment.status, payment.returning) == (Status.REFUNDING, Money(177_600))
    await meera.goto(f"/bookings/{booking.id}")
    await expect(meera.locator("main")).to_contain_text("The case about this booking is settled")
    await picture(meera, "booking-settled")


async def test_an_administrator_decides_in_two_steps(browser: Browser, own_site: FullSite) -> None:
    meera = await page_of(browser, own_site, "Meera")
    case = await open_case(meera, own_site)
    asha = await page_of(browser, own_site, "Asha")

    await asha.goto("/admin")
    await picture(asha, "admin-overview")
    await asha.get_by_role("link", name="The oldest is open for").click()
    await picture(asha, "admin-queue")
    await asha.locator(f'main table a[href="/admin{case}"]').click()
    await picture(asha, "admin-case")
    await asha.get_by_label("Another amount", exact=True).check()
    await asha.get_by_label("Another amount, in rupees").fill("3,200")
    await asha.get_by_label("Reason, as both will read it").fill("A part was as agreed.")
    await asha.get_by_label("I have read the statements").check()
    await press(asha, "Look at the decision")
    await expect(asha.locator("h1")).to_contain_text("Settle with ₹3,200.00 back?")
    await picture(asha, "admin-decision")
    await own_site.make_fresh(own_site.people["Asha"])
    await press(asha, "Settle, ₹3,200.00 back")
    await expect(asha.locator("main")).to_contain_text("An administrator decided")

    await meera.goto(case)
    await expect(meera.locator("#next")).to_contain_text("₹3,200.00 back to you")
    await expect(meera.locator("main")).to_contain_text("A part was as agreed.")
    await expect(meera.locator("main")).to_contain_text("An administrator opened the case")


async def test_a_cancellation_after_a_delivery_is_proposed_and_contested(
    browser: Browser, own_site: FullSite
) -> None:
    rohan = await page_of(browser, own_site, "Rohan")
    await rohan.goto(f"/bookings/{own_site.bookings['delivered_early']}/cancel")
    await expect(rohan.locator("main")).to_contain_text("can contest the cancellation")
    await picture(rohan, "cancel-contestable")
    await press(rohan, "Cancel, get")
    await rohan.get_by_role("link", name="Open the case").first.click()
    await expect(rohan.locator("#next")).to_contain_text("You cancelled after a delivery")
    await picture(rohan, "cancellation-client")
    case = rohan.url.removeprefix(own_site.url)

    lucia = await page_of(browser, own_site, "Lucía")
    await lucia.goto(case)
    await picture(lucia, "cancellation-developer")
    await lucia.get_by_text("Contest it", exact=True).click()
    await lucia.get_by_label("Nothing back to Rohan").check()
    await lucia.get_by_label("Your side").fill("The work is done.")
    await press(lucia, "Contest the cancellation")
    await expect(lucia.locator("h1")).to_contain_text("Cancellation of")
    await expect(lucia.locator("main")).to_contain_text("The work is done.")
