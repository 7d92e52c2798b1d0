"""One account in two browsers: a change in one takes effect in the other."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from tests.api_client import until
from tests.browser.full_site import APP_STEP, FullSite
from tests.browser.talk import CONNECTED, WATCH_CONNECTION
from tests.browser.visits import BrowserSession, open_browser

pytestmark = pytest.mark.browser

EMAIL, PASSWORD = "deepa@example.com", "quiet8ch"
GONE = "You have been logged out."


async def submit(session: BrowserSession, **fields: str) -> None:
    for name, value in fields.items():
        await session.page.fill(f"#{name}", value)
    await session.page.click("main form .button.primary")


async def mailed_code(site: FullSite) -> str:
    await site.run()
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
    await expect(session.page.locator(".recovery code")).to_have_count(10)
    await session.page.click("text=I have saved them")
    await session.page.wait_for_url("**/account/security?done=codes_saved")
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
        await laptop.page.click("summary.account:visible")
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
        await expect(phone.page.locator("h1")).to_have_text("Log in")
        await expect(phone.page).to_have_url(f"{site.url}/login?next=%2Fdashboard")
        assert (laptop.messages, phone.messages) == ([], [])


async def test_a_renewed_session_logs_no_other_tab_out(
    browser: Browser, live_site: FullSite
) -> None:
    site, nils = live_site, live_site.people["Nils"]
    async with open_browser(browser, site.url) as session:
        await session.log_in(nils)
        other = await session.context.new_page()
        await other.add_init_script(WATCH_CONNECTION)
        async with other.expect_websocket():
            await other.goto(site.url + "/dashboard")
        await other.wait_for_function(CONNECTED)
        await site.make_fresh(nils)
        await session.go("/account")

        asked = other.expect_request(lambda request: request.method == "HEAD")
        async with other.expect_websocket(), asked:
            await session.page.click("main button:has-text('Become a developer')")
            await session.page.wait_for_url("**/welcome")
            await site.sockets.sweep()  # within a minute, where nobody calls for it
        await other.wait_for_function(CONNECTED)

        assert GONE not in await other.inner_text("body")


async def test_hours_stay_live_for_a_visitor_with_the_cookie_of_an_ended_session(
    browser: Browser, live_site: FullSite
) -> None:
    site, arjun = live_site, live_site.developers["Arjun"]
    async with open_browser(browser, site.url) as session:
        await session.context.add_cookies([{"name": "onehour", "value": "s.gone", "url": site.url}])
        await session.go(f"/developers/{arjun.id}")
        await watches_hours(site)
        start = await session.page.locator("[name=start]").nth(0).get_attribute("value")
        wait = type(site.app.clock.now()).fromisoformat(str(start)) - site.app.clock.now()

        await site.app.hold(site.people["Meera"], arjun, starts_in=wait, hours=1)

        taken = session.page.locator(f'[name=start][value="{start}"]')
        await expect(taken).to_have_count(0)
        assert GONE not in await session.page.inner_text("body")
        assert session.messages == []


async def watches_hours(site: FullSite) -> None:
    """Wait until a socket has subscribed to the hours of a developer."""

    async def look() -> bool:
        rooms = site.sockets.server.manager.rooms.get("/", {})
        return any(str(room).startswith("developer:") for room in rooms)

    await until(look, what="a subscription", every_s=0.05)
