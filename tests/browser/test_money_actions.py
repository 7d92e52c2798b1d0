"""Money actions of administrators in a browser: by keyboard, in two steps, at both widths."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from core.payments import PaymentId, Status
from tests.browser.full_site import FullSite
from tests.browser.visits import BrowserSession, open_browser

pytestmark = pytest.mark.browser

SCREENSHOTS = os.environ.get("ONEHOUR_SCREENSHOTS")
"""A folder for pictures of the pages, to look at."""


async def looked_at(session: BrowserSession, name: str) -> None:
    """No violation of the rules for pages at both widths; a picture, if a folder is named."""
    for width in (390, 1280):
        await session.page.set_viewport_size({"width": width, "height": 900})
        assert (name, width, await session.axe()) == (name, width, [])
        wide = await session.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, (name, wide)
        if SCREENSHOTS:
            file = Path(SCREENSHOTS) / f"{name}-{width}.png"
            await session.page.screenshot(path=file, full_page=True)


async def test_an_administrator_refunds_by_keyboard(browser: Browser, own_site: FullSite) -> None:
    booking = await own_site.app.booking(own_site.bookings["completed"])
    async with open_browser(browser, own_site.url) as session:
        page = session.page
        await session.log_in(own_site.people["Asha"], own_site)
        await session.go("/admin?days=30")
        await page.get_by_text("Exact numbers by day", exact=True).click()
        await looked_at(session, "money-overview")
        await session.go(f"/admin/payments/{booking.payment_id}")
        await looked_at(session, "money-payment")

        await page.get_by_label("Amount", exact=True).focus()
        await page.keyboard.type("much")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/refund/check")
        for field in ("#amount", "#reason"):
            await expect(page.locator(field)).to_have_attribute("aria-invalid", "true")
        await looked_at(session, "money-refund-errors")
        await page.locator("#amount").fill("975.50")
        await page.locator("#reason").focus()
        await page.keyboard.type("Meera was ill, and both agreed.")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("h1:has-text('Refund ₹975.50 to')")
        await looked_at(session, "money-refund-second")
        await own_site.make_fresh(own_site.people["Asha"])
        await page.get_by_role("button", name="Refund ₹975.50").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**/admin/payments/{booking.payment_id}")
        await looked_at(session, "money-refunded")

    payments = own_site.app.store.repositories.payments
    payment = await payments.get(PaymentId(booking.payment_id))
    assert payment.status in (Status.REFUNDING, Status.REFUNDED)
    assert payment.returning.amount == 97_550
