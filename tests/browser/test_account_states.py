"""Account pages that are reached through a form follow the rules for all pages."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from tests.browser.full_site import FullSite
from tests.browser.visits import BrowserSession, open_browser

pytestmark = pytest.mark.browser

EMAIL, PASSWORD = "deepa@example.com", "quiet8ch"
SEND = "main form .button:is(.primary, .danger)"
ACCOUNT_PAGES = ("/account", "/account/security", "/account/activity", "/account/data", "/welcome")
WIDE = "document.documentElement.scrollWidth - innerWidth"


async def assert_no_flaws_here(
    session: BrowserSession, heading: str, *, refused: bool = False
) -> None:
    await expect(session.page.locator("h1")).to_have_text(heading)
    await expect(session.page).to_have_title(
        re.compile(r"^Error: " if refused else r"^(?!Error: )")
    )
    assert (heading, await session.find_flaws(), session.console_messages(refused=refused)) == (
        heading,
        [],
        [],
    )
    session.messages.clear()


async def send(session: BrowserSession, **fields: str) -> None:
    for name, value in fields.items():
        await session.page.fill(f"#{name}", value)
    async with session.page.expect_navigation():  # also to a page with the same heading
        await session.page.locator(SEND).first.click()


async def test_every_page_of_signing_up_and_in_has_no_flaws(
    browser: Browser, own_site: FullSite
) -> None:
    app = own_site.app
    async with open_browser(browser, own_site.url) as session:
        await session.go("/sign-up/developer")
        await send(session, name="Deepa Menon", email=EMAIL, password="short")
        await assert_no_flaws_here(session, "Offer your hours", refused=True)
        await send(session, password=PASSWORD)
        await assert_no_flaws_here(session, "Enter the code from your e-mail")
        await send(session, code="000000")
        await assert_no_flaws_here(session, "Enter the code from your e-mail", refused=True)
        await app.run()
        await send(session, code=app.code_for(EMAIL))
        await assert_no_flaws_here(session, "Welcome, Deepa")

        await session.context.clear_cookies()
        await session.go("/login")
        await send(session, email=EMAIL, password="another-password")
        await assert_no_flaws_here(session, "Log in", refused=True)
        await send(session, password=PASSWORD)
        await assert_no_flaws_here(session, "Enter your code")
        async with session.page.expect_navigation():
            await session.page.click("text=Send another code")
        await assert_no_flaws_here(session, "Enter your code", refused=True)
        await send(session, code="000000")
        await assert_no_flaws_here(session, "Enter your code", refused=True)


async def test_every_page_of_changing_credentials_has_no_flaws(
    browser: Browser, own_site: FullSite
) -> None:
    app, nils = own_site.app, own_site.people["Nils"]
    async with open_browser(browser, own_site.url) as session:
        await session.log_in(nils)
        await session.go("/account/security/password")
        await assert_no_flaws_here(session, "Confirm your identity")
        await send(session)
        await assert_no_flaws_here(session, "Confirm your identity")
        await send(session, code="000000")
        await assert_no_flaws_here(session, "Confirm your identity", refused=True)
        await app.run()
        await send(session, code=app.code_for(nils.email))
        await send(session, current="not this one", password="short")
        await assert_no_flaws_here(session, "Change your password", refused=True)

        await session.go("/account/security/email")
        await send(session, email="nils.new@example.com")
        await assert_no_flaws_here(session, "Change your e-mail address")
        await send(session, code="000000")
        await assert_no_flaws_here(session, "Change your e-mail address", refused=True)
        await session.go("/account/data/erase")
        await send(session, email="somebody@example.com")
        await assert_no_flaws_here(session, "Erase your account", refused=True)


async def test_every_page_of_an_authenticator_app_has_no_flaws(
    browser: Browser, own_site: FullSite
) -> None:
    nils, kavya = own_site.people["Nils"], own_site.people["Kavya"]
    async with open_browser(browser, own_site.url) as session:
        await session.log_in(nils)
        await own_site.make_fresh(nils)
        await session.go("/account/security")
        await assert_no_flaws_here(session, "Security")
        await session.page.click("text=Set up an authenticator app")
        await assert_no_flaws_here(session, "Set up an authenticator app")
        await send(session, code="000000")
        await assert_no_flaws_here(session, "Set up an authenticator app", refused=True)
        key = (await session.page.inner_text(".key")).replace(" ", "")
        await send(session, code=own_site.app_code(key))
        await assert_no_flaws_here(session, "Your recovery codes")

        await session.context.clear_cookies()
        await session.submit_password(kavya)
        await assert_no_flaws_here(session, "Enter your code")


async def test_every_page_of_a_forgotten_password_has_no_flaws(
    browser: Browser, own_site: FullSite
) -> None:
    app, nils = own_site.app, own_site.people["Nils"]
    async with open_browser(browser, own_site.url) as session:
        await session.go("/forgot")
        await send(session, email="nobody")
        await assert_no_flaws_here(session, "Forgot your password?", refused=True)
        await send(session, email=nils.email)
        await assert_no_flaws_here(session, "Forgot your password?")
        await app.run()
        text = app.mailer.to(nils.email)[-1].text
        link = next(word for word in text.split() if "/reset/" in word)
        await session.go(link[link.index("/reset/") :])
        await assert_no_flaws_here(session, "Set a new password")
        await send(session, password="short")
        await assert_no_flaws_here(session, "Set a new password", refused=True)


@pytest.mark.parametrize(
    "turned", ["document.dir = 'rtl'", "document.documentElement.style.fontSize = '200%'"]
)
async def test_account_pages_fit_from_right_to_left_and_with_text_of_twice_the_size(
    browser: Browser, site: FullSite, turned: str
) -> None:
    person = f"/admin/people/{site.people['Long'].id}"
    async with open_browser(browser, site.url, viewport={"width": 390, "height": 800}) as session:
        await session.log_in(site.people["Asha"], site)
        for path in (*ACCOUNT_PAGES, "/admin", "/admin/audit", person):
            await session.go(path)
            await session.page.evaluate(turned)
            assert (path, await session.page.evaluate(WIDE)) == (path, 0)
