"""The main job in a browser: an hour is found, paid, accepted, delivered and released."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable

from playwright.async_api import Browser, FilePayload, Page, expect

from tests.api_client import PASSWORD, ApiClient
from tests.browser.launch import new_context
from tests.process.running import RunningApp

DELIVERED = "The index is in place, see the summary."


class Person:
    """One user's browser; errors in its console fail the test at the end."""

    def __init__(self, page: Page, base_url: str) -> None:
        self.page, self.base_url = page, base_url
        self.messages: list[str] = []
        page.on("console", lambda m: self.messages.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: self.messages.append(str(error)))

    async def go(self, path: str) -> None:
        await self.page.goto(self.base_url + path)

    async def press(self, words: str) -> None:
        await self.page.get_by_role("button", name=words, exact=False).first.click()

    async def sign_up(self, role: str, name: str, email: str, mails: ApiClient) -> None:
        await self.go(f"/sign-up/{role}")
        await self.page.fill("#name", name)
        await self.page.fill("#email", email)
        await self.page.fill("#password", PASSWORD)
        await self.press("Create account")
        await self.page.fill("#code", await mails.mailed_code(email))
        await self.press("Confirm")
        await expect(self.page.locator("header.top")).not_to_contain_text("Sign up")


async def sell_an_hour(
    browser: Browser, app: RunningApp, *, pay: Callable[[Page], Awaitable[None]]
) -> None:
    """Two people in two browsers. `pay` does what the client does on the page of the payment
    provider."""
    mails = app.api_client()
    lucia_api, developer_id = await app.developer()
    me = await lucia_api.get("/me")
    context = await new_context(browser, timezone_id="Asia/Kolkata", locale="en-IN")
    meera = Person(await context.new_page(), app.base_url)
    other = await new_context(browser, timezone_id="Europe/Madrid")
    lucia = Person(await other.new_page(), app.base_url)

    await meera.sign_up("client", "Meera Krishnan", "meera@example.com", mails)
    await meera.go(f"/developers/{developer_id}?hours=2")
    await (
        meera.page.locator("label.choice:has(input[name=start]:not(:disabled)):visible")
        .nth(1)
        .click()
    )
    await meera.page.fill("#brief", "Our report takes 38 seconds.")
    plan = FilePayload(name="plan.sql", mimeType="text/plain", buffer=b"EXPLAIN SELECT 1;")
    await meera.page.set_input_files("#picker input[type=file]", [plan])
    await expect(meera.page.locator("#picker")).to_contain_text("1 of 1 files ready.")
    await meera.press("Reserve this time and pay")

    await pay(meera.page)
    await meera.page.wait_for_url(re.compile(r"/return(\?|$)"))
    await expect(meera.page.locator("h1")).to_contain_text("Payment complete")
    await meera.page.get_by_role("link", name="Go to the booking").click()
    await meera.page.wait_for_url(re.compile(r"/bookings/[^/]+$"))
    booking = meera.page.url.removeprefix(app.base_url)

    before = await mails.mailed_codes(me["email"])
    await lucia.go("/login")
    await lucia.page.fill("#email", me["email"])
    await lucia.page.fill("#password", PASSWORD)
    await lucia.press("Log in")
    await lucia.page.wait_for_url("**/login/code")
    await lucia.page.fill("#code", await mails.mailed_code(me["email"], after=before))
    await lucia.press("Log in")
    await lucia.page.wait_for_url("**/dashboard")
    await lucia.press("Accept")
    await expect(meera.page.locator("h1 + *, .badge").first).to_contain_text("Confirmed")

    await lucia.go(booking)
    await expect(lucia.page.get_by_label("Download plan.sql")).to_be_visible()
    await lucia.page.locator("summary", has_text="Deliver early").click()
    await lucia.page.fill("[name=note]", DELIVERED)
    await lucia.press("Deliver the work")
    await expect(meera.page.locator("main")).to_contain_text(DELIVERED)

    await meera.press("Approve and release")
    dialog = meera.page.locator("dialog[open]")
    await dialog.get_by_role("button", name="Approve and release").click()
    await expect(meera.page.locator("main")).to_contain_text("Released")

    await app.audit()
    assert meera.messages == []
    assert lucia.messages == []
    await asyncio.gather(context.close(), other.close())
