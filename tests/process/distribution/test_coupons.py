"""Coupons of another distribution in a browser: made by an administrator, used by a client."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.api_client import PASSWORD
from tests.browser.launch import launch
from tests.browser.main_job import Person
from tests.process.distribution.building import Environment
from tests.process.distribution.installed_app import InstalledApp

pytestmark = pytest.mark.process


async def create_coupon(admin: Person, code: str) -> None:
    await admin.go("/admin/coupons")
    await admin.page.fill("[name=coupon]", code)
    await admin.page.fill("[name=percent]", "20")
    await admin.press("Create the coupon")
    await expect(admin.page.locator("tr", has_text=code)).to_contain_text("Active")


async def show_price(page: Page, code: str) -> None:
    await page.fill("[name=plugin_code]", code)
    await page.get_by_role("button", name="Show the price").click()


async def test_a_coupon_at_the_checkout(installed: Environment, tmp_path: Path) -> None:
    async with InstalledApp(installed, tmp_path, ONEHOUR_PLUGINS="coupons,patience") as app:
        mails, (_, developer) = app.api_client(), await app.developer()
        email = (await (await app.admin()).get("/me"))["email"]
        async with launch() as browser:
            context = await browser.new_context(timezone_id="Asia/Kolkata", locale="en-IN")
            admin = Person(await context.new_page(), app.base_url)
            other = await browser.new_context(timezone_id="Asia/Kolkata", locale="en-IN")
            meera = Person(await other.new_page(), app.base_url)

            before = await mails.mailed_codes(email)
            await admin.go("/login")
            await admin.page.fill("#email", email)
            await admin.page.fill("#password", PASSWORD)
            await admin.press("Log in")
            await admin.page.wait_for_url("**/login/code")
            await admin.page.fill("#code", await mails.mailed_code(email, after=before))
            await admin.press("Log in")
            await admin.page.wait_for_url(re.compile(r"/(admin|dashboard)"))
            await create_coupon(admin, "SPRING")
            await create_coupon(admin, "WINTER")
            winter = admin.page.locator("tr", has_text="WINTER")
            await winter.get_by_role("button", name="End it").click()
            await expect(winter).to_contain_text("Ended")

            await meera.sign_up("client", "Meera Krishnan", "meera@example.com", mails)
            await meera.go(f"/developers/{developer}")
            times = "label.choice:has(input[name=start]:not(:disabled)):visible"
            await meera.page.locator(times).nth(1).click()
            await meera.page.fill("#brief", "Our report takes 38 seconds.")
            form = meera.page.locator("#picker")
            await show_price(meera.page, "NOSUCH")
            await expect(form).to_contain_text("This code is unknown.")
            await show_price(meera.page, "WINTER")
            await expect(form).to_contain_text("This code has ended.")
            await show_price(meera.page, "spring")
            await expect(form).to_contain_text("Code SPRING, 20\N{NO-BREAK SPACE}% off")
            await expect(form).to_contain_text("₹1,920")
            await expect(meera.page.locator("#brief")).to_have_value("Our report takes 38 seconds.")
            await meera.press("Reserve this time and pay")
            await meera.page.wait_for_url("**/simulator/**")

        (booking,) = await app.rows("bookings")
        (coupon,) = await app.rows("coupons", {"_id": "SPRING"})
        assert [line["amount"]["amount"] for line in booking["price_lines"]] == [-48_000]
        assert (coupon["uses"], admin.messages) == (1, [])
