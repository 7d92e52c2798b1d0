"""One account in two browsers: a change in one has its effect in the other."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from tests.browser.full_site import APP_STEP, FullSite
from tests.browser.visits import Visit, visit

pytestmark = pytest.mark.browser

EMAIL, PASSWORD = "deepa@example.com", "quiet8ch"
GONE = "You have been logged out."


async def submit(seen: Visit, **fields: str) -> None:
    for name, value in fields.items():
        await seen.page.fill(f"#{name}", value)
    await seen.page.click("main form .button.primary")


async def mailed_code(site: FullSite) -> str:
    await site.app.run()
    return site.app.code_for(EMAIL)


async def sign_up(seen: Visit, site: FullSite) -> None:
    await seen.go("/sign-up/developer")
    await submit(seen, name="Deepa Menon", email=EMAIL, password=PASSWORD)
    await seen.page.wait_for_selector("#code")
    await submit(seen, code=await mailed_code(site))
    await seen.page.wait_for_url("**/welcome")


async def set_up_the_app(seen: Visit, site: FullSite) -> str:
    """Returns the key the app keeps."""
    await seen.go("/account/security")
    await seen.page.click("text=Set up an authenticator app")
    key = (await seen.page.inner_text(".key")).replace(" ", "")
    await submit(seen, code=site.app_code(key))
    assert await seen.page.locator(".recovery code").count() == 10
    await seen.page.click("text=I have saved them")
    return key


async def test_a_developer_logs_in_with_an_app_and_ends_the_session_of_another_browser(
    browser: Browser, live_site: FullSite
) -> None:
    site = live_site
    async with visit(browser, site.url) as laptop, visit(browser, site.url) as phone:
        await sign_up(laptop, site)
        key = await set_up_the_app(laptop, site)
        await laptop.page.click("header summary:visible")
        await laptop.page.click("header button:visible:has-text('Log out')")
        await laptop.page.wait_for_url(site.url + "/")
        for seen in (phone, laptop):
            site.app.clock.advance(APP_STEP)  # no code of the app is taken twice
            await seen.go("/login")
            await submit(seen, email=EMAIL, password=PASSWORD)
            await seen.page.wait_for_url("**/login/code")
            await submit(seen, code=site.app_code(key))
            await seen.page.wait_for_url("**/dashboard")

        await laptop.go("/account/security")
        await laptop.page.get_by_role("button", name=re.compile("^End the session")).click()

        await expect(laptop.page.locator(".banner.go")).to_contain_text("The session is ended.")
        notice = phone.page.locator("#toasts")
        await expect(notice).to_contain_text(GONE)
        await notice.get_by_role("link", name="Log in").click()
        assert await phone.page.inner_text("h1") == "Log in"
        assert phone.page.url == f"{site.url}/login?next=%2Fdashboard"
        assert (laptop.complaints, phone.complaints) == ([], [])


async def test_a_renewed_session_logs_no_other_tab_out(
    browser: Browser, live_site: FullSite
) -> None:
    site, nils = live_site, live_site.people["Nils"]
    async with visit(browser, site.url) as seen:
        await seen.log_in(nils)
        other = await seen.context.new_page()
        await other.goto(site.url + "/dashboard")
        await site.make_fresh(nils)
        await seen.go("/account")

        await seen.page.click("main button:has-text('Become a developer')")
        await seen.page.wait_for_url("**/welcome")
        asked = other.expect_request(lambda request: request.method == "HEAD")
        async with other.expect_websocket(), asked:
            await site.sockets.sweep()  # within a minute, where nobody calls for it

        assert GONE not in await other.inner_text("body")
