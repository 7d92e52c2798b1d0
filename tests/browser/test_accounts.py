"""One account in two browsers: a change in one takes effect in the other."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from tests.browser.full_site import APP_STEP, FullSite
from tests.browser.visits import BrowserSession, open_browser

pytestmark = pytest.mark.browser

EMAIL, PASSWORD = "deepa@example.com", "quiet8ch"
GONE = "You have been logged out."


async def submit(session: BrowserSession, **fields: str) -> None:
    for name, value in fields.items():
        await session.page.fill(f"#{name}", value)
    await session.page.click("main form .button.primary")


async def mailed_code(site: FullSite) -> str:
    await site.app.run()
    return site.app.code_for(EMAIL)


async def sign_up(session: BrowserSession, site: FullSite) -> None:
    await session.go("/sign-up/developer")
    await submit(session, name="Deepa Menon", email=EMAIL, password=PASSWORD)
    await session.page.wait_for_selector("#code")
    await submit(session, code=await mailed_code(site))
    await session.page.wait_for_url("**/welcome")


async def set_up_the_app(session: BrowserSession, site: FullSite) -> str:
    """Returns the key the app keeps."""
    await session.go("/account/security")
    await session.page.click("text=Set up an authenticator app")
    key = (await session.page.inner_text(".key")).replace(" ", "")
    await submit(session, code=site.app_code(key))
    assert await session.page.locator(".recovery code").count() == 10
    await session.page.click("text=I have saved them")
    return key


async def test_a_developer_logs_in_with_an_app_and_ends_the_session_of_another_browser(
    browser: Browser, live_site: FullSite
) -> None:
    site = live_site
    async with (
        open_browser(browser, site.url) as laptop,
        open_browser(browser, site.url) as phone,
    ):
        await sign_up(laptop, site)
        key = await set_up_the_app(laptop, site)
        await laptop.page.click("header summary:visible")
        await laptop.page.click("header button:visible:has-text('Log out')")
        await laptop.page.wait_for_url(site.url + "/")
        for session in (phone, laptop):
            site.app.clock.advance(APP_STEP)  # the app's codes are accepted only once
            await session.go("/login")
            await submit(session, email=EMAIL, password=PASSWORD)
            await session.page.wait_for_url("**/login/code")
            await submit(session, code=site.app_code(key))
            await session.page.wait_for_url("**/dashboard")

        await laptop.go("/account/security")
        await laptop.page.get_by_role("button", name=re.compile("^End the session")).click()

        await expect(laptop.page.locator(".banner.go")).to_contain_text("The session was ended.")
        notice = phone.page.locator("#toasts")
        await expect(notice).to_contain_text(GONE)
        await notice.get_by_role("link", name="Log in").click()
        assert await phone.page.inner_text("h1") == "Log in"
        assert phone.page.url == f"{site.url}/login?next=%2Fdashboard"
        assert (laptop.messages, phone.messages) == ([], [])


async def test_a_renewed_session_logs_no_other_tab_out(
    browser: Browser, live_site: FullSite
) -> None:
    site, nils = live_site, live_site.people["Nils"]
    async with open_browser(browser, site.url) as session:
        await session.log_in(nils)
        other = await session.context.new_page()
        async with other.expect_websocket():
            await other.goto(site.url + "/dashboard")
        await site.make_fresh(nils)
        await session.go("/account")

        asked = other.expect_request(lambda request: request.method == "HEAD")
        async with other.expect_websocket(), asked:
            await session.page.click("main button:has-text('Become a developer')")
            await session.page.wait_for_url("**/welcome")
            await site.sockets.sweep()  # within a minute, where nobody calls for it

        assert GONE not in await other.inner_text("body")
