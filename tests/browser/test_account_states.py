"""Pages of accounts that are reached through a form: each keeps the rules of every page."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from tests.browser.full_site import FullSite
from tests.browser.visits import Visit, visit

pytestmark = pytest.mark.browser

EMAIL, PASSWORD = "deepa@example.com", "quiet8ch"
SEND = "main form .button:is(.primary, .danger)"
ACCOUNT_PAGES = ("/account", "/account/security", "/account/activity", "/account/data", "/welcome")
WIDE = "document.documentElement.scrollWidth - innerWidth"


async def assert_flawless_here(seen: Visit, heading: str, *, refused: bool = False) -> None:
    assert await seen.page.inner_text("h1") == heading
    title = await seen.page.title()
    assert title.startswith("Error: ") is refused, title
    assert (heading, await seen.flaws(), seen.told(refused=refused)) == (heading, [], [])
    seen.complaints.clear()


async def send(seen: Visit, **fields: str) -> None:
    for name, value in fields.items():
        await seen.page.fill(f"#{name}", value)
    await seen.page.locator(SEND).first.click()
    await seen.page.wait_for_load_state()


async def test_every_page_of_signing_up_and_in_is_flawless(
    browser: Browser, own_site: FullSite
) -> None:
    app = own_site.app
    async with visit(browser, own_site.url) as seen:
        await seen.go("/sign-up/developer")
        await send(seen, name="Deepa Menon", email=EMAIL, password="short")
        await assert_flawless_here(seen, "Offer your hours", refused=True)
        await send(seen, password=PASSWORD)
        await assert_flawless_here(seen, "Enter the code from your e-mail")
        await send(seen, code="000000")
        await assert_flawless_here(seen, "Enter the code from your e-mail", refused=True)
        await app.run()
        await send(seen, code=app.code_for(EMAIL))
        await assert_flawless_here(seen, "Welcome, Deepa")

        await seen.context.clear_cookies()
        await seen.go("/login")
        await send(seen, email=EMAIL, password="another-password")
        await assert_flawless_here(seen, "Log in", refused=True)
        await send(seen, password=PASSWORD)
        await assert_flawless_here(seen, "Enter your code")
        await seen.page.click("text=Send another code")
        await assert_flawless_here(seen, "Enter your code", refused=True)
        await send(seen, code="000000")
        await assert_flawless_here(seen, "Enter your code", refused=True)


async def test_every_page_of_changing_credentials_is_flawless(
    browser: Browser, own_site: FullSite
) -> None:
    app, nils = own_site.app, own_site.people["Nils"]
    async with visit(browser, own_site.url) as seen:
        await seen.log_in(nils)
        await seen.go("/account/security/password")
        await assert_flawless_here(seen, "Confirm your identity")
        await send(seen)
        await assert_flawless_here(seen, "Confirm your identity")
        await send(seen, code="000000")
        await assert_flawless_here(seen, "Confirm your identity", refused=True)
        await app.run()
        await send(seen, code=app.code_for(nils.email))
        await send(seen, current="not this one", password="short")
        await assert_flawless_here(seen, "Change your password", refused=True)

        await seen.go("/account/security/email")
        await send(seen, email="nils.new@example.com")
        await assert_flawless_here(seen, "Change your e-mail address")
        await send(seen, code="000000")
        await assert_flawless_here(seen, "Change your e-mail address", refused=True)
        await seen.go("/account/data/erase")
        await send(seen, email="somebody@example.com")
        await assert_flawless_here(seen, "Erase your account", refused=True)


async def test_every_page_of_an_authenticator_app_is_flawless(
    browser: Browser, own_site: FullSite
) -> None:
    nils, kavya = own_site.people["Nils"], own_site.people["Kavya"]
    async with visit(browser, own_site.url) as seen:
        await seen.log_in(nils)
        await own_site.make_fresh(nils)
        await seen.go("/account/security?confirmed=yes")
        await assert_flawless_here(seen, "Security")
        await seen.page.click("text=Set up an authenticator app")
        await assert_flawless_here(seen, "Set up an authenticator app")
        await send(seen, code="000000")
        await assert_flawless_here(seen, "Set up an authenticator app", refused=True)
        key = (await seen.page.inner_text(".key")).replace(" ", "")
        await send(seen, code=own_site.app_code(key))
        await assert_flawless_here(seen, "Your recovery codes")

        await seen.context.clear_cookies()
        await seen.give_password(kavya)
        await assert_flawless_here(seen, "Enter your code")


async def test_every_page_of_a_forgotten_password_is_flawless(
    browser: Browser, own_site: FullSite
) -> None:
    app, nils = own_site.app, own_site.people["Nils"]
    async with visit(browser, own_site.url) as seen:
        await seen.go("/forgot")
        await send(seen, email="nobody")
        await assert_flawless_here(seen, "Forgot your password?", refused=True)
        await send(seen, email=nils.email)
        await assert_flawless_here(seen, "Forgot your password?")
        await app.run()
        text = app.mailer.to(nils.email)[-1].text
        link = next(word for word in text.split() if "/reset/" in word)
        await seen.go(link[link.index("/reset/") :])
        await assert_flawless_here(seen, "Set a new password")
        await send(seen, password="short")
        await assert_flawless_here(seen, "Set a new password", refused=True)


@pytest.mark.parametrize(
    "turned", ["document.dir = 'rtl'", "document.documentElement.style.fontSize = '200%'"]
)
async def test_account_pages_fit_from_right_to_left_and_with_text_of_twice_the_size(
    browser: Browser, site: FullSite, turned: str
) -> None:
    person = f"/admin/people/{site.people['Long'].id}"
    async with visit(browser, site.url, viewport={"width": 390, "height": 800}) as seen:
        await seen.log_in(site.people["Asha"], site)
        for path in (*ACCOUNT_PAGES, "/admin", "/admin/audit", person):
            await seen.go(path)
            await seen.page.evaluate(turned)
            assert (path, await seen.page.evaluate(WIDE)) == (path, 0)
