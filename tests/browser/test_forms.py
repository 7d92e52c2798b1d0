"""Forms in a real browser: errors, sessions that end, and what Back, reload and the keyboard do."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from core.accounts import Account
from tests.app import PASSWORD
from tests.browser.full_site import FullSite
from tests.browser.visits import BrowserSession, open_browser

pytestmark = pytest.mark.browser

BRIEF = "Our report takes 38 seconds."
RING = "getComputedStyle(document.activeElement).outlineStyle"


async def end_sessions(site: FullSite, account: Account) -> None:
    sessions = site.app.store.repositories.sessions
    for session in await sessions.of_account(account.id):
        await sessions.remove(session.id)


async def assert_no_flaws(session: BrowserSession, name: str) -> None:
    assert (name, await session.find_flaws()) == (name, [])


async def choose_a_time(session: BrowserSession) -> str:
    """The second free time of the profile that is open."""
    choice = session.page.locator(".slots .choice:visible").nth(1)
    await choice.click()
    return await session.page.locator("[name=start]:checked").input_value()


async def test_the_text_that_a_script_focuses_has_no_ring_and_the_next_control_has_one(
    browser: Browser, own_site: FullSite
) -> None:
    async with open_browser(browser, own_site.url) as session:
        await session.go("/login")
        await session.page.focus("#email")
        await session.page.keyboard.press("Enter")
        await session.page.wait_for_selector("[data-focus]:focus")

        assert await session.page.evaluate(RING) == "none"
        await session.page.keyboard.press("Tab")
        assert await session.page.inner_text(":focus") == "E-mail"
        assert await session.page.evaluate(RING) == "solid"
        await session.page.keyboard.press("Enter")
        await session.page.wait_for_selector("#email:focus")  # where the link leads
        assert await session.page.evaluate(RING) == "solid"


async def test_a_typed_password_is_still_there_after_an_error(
    browser: Browser, own_site: FullSite
) -> None:
    async with open_browser(browser, own_site.url) as session:
        await session.go("/sign-up/client")
        await session.page.fill("#password", "seven-brown-quiet-rivers")
        await session.page.click("text=Create account")
        await session.page.wait_for_selector("#name-error")

        await expect(session.page.locator("#password")).to_have_value("seven-brown-quiet-rivers")
        await session.go("/sign-up/client")
        await expect(session.page.locator("#password")).to_have_value("")


async def test_a_chosen_time_is_still_chosen_after_back_from_the_log_in(
    browser: Browser, own_site: FullSite
) -> None:
    meera, lucia = own_site.people["Meera"], own_site.developers["Lucía"]
    async with open_browser(browser, own_site.url) as session:
        await session.go(f"/developers/{lucia.id}")
        start = await choose_a_time(session)
        await session.page.fill("#brief", BRIEF)
        await session.page.click("#picker .button.primary")
        await session.page.wait_for_url("**/login?**")
        assert "report" not in session.page.url
        await session.page.go_back()
        await session.page.wait_for_selector("#picker")

        chosen = session.page.locator("[name=start]:checked")
        await expect(chosen).to_have_value(start)
        await expect(session.page.locator("#brief")).to_have_value(BRIEF)
        assert "report" not in session.page.url
        await session.page.reload()
        await expect(chosen).to_have_value(start)

        await session.page.click("#picker .button.primary")
        await session.page.wait_for_url("**/login?**")
        await session.page.fill("#email", meera.email)
        await session.page.fill("#password", PASSWORD)
        await session.page.click("main form .button.primary")
        await session.page.wait_for_selector("[role=alert]")


async def test_pages_of_a_session_that_has_ended_have_no_flaws_and_lose_nothing(
    browser: Browser, own_site: FullSite
) -> None:
    meera = own_site.people["Meera"]
    async with open_browser(browser, own_site.url) as session:
        await session.log_in(meera)
        await session.go("/account")
        await session.page.fill("#name", "Meera Krishnan-Rao")
        await end_sessions(own_site, meera)
        await session.page.click("main form .button.primary")
        await session.page.wait_for_url("**/login?**")
        await assert_no_flaws(session, "log-in")
        await session.page.fill("#email", meera.email)
        await session.page.fill("#password", PASSWORD)
        await session.page.click("main form .button.primary")
        await session.page.wait_for_url("**/account?resume=*")

        name = session.page.locator("#name")
        await expect(name).to_have_value("Meera Krishnan-Rao")
        await assert_no_flaws(session, "the form again")
        await session.page.click("main form .button.primary")
        await session.page.wait_for_url("**/account?saved=yes")
        await expect(name).to_have_value("Meera Krishnan-Rao")


async def test_a_form_of_an_earlier_session_is_shown_again_after_a_log_in_in_another_tab(
    browser: Browser, own_site: FullSite
) -> None:
    meera = own_site.people["Meera"]
    async with open_browser(browser, own_site.url) as session:
        await session.log_in(meera)
        await session.go("/account")
        await session.page.fill("#name", "Meera Krishnan-Rao")
        other = BrowserSession(session.context, await session.context.new_page(), session.url)
        await other.go("/account")
        await other.page.locator("main .button:has-text('Log out')").click()
        await other.page.wait_for_url(f"{session.url}/")
        await other.log_in(meera)

        await session.page.click("main form .button.primary")
        await session.page.wait_for_url("**/account?resume=*")

        await expect(session.page.locator("[role=alert]")).to_contain_text("This was not sent.")
        await expect(session.page.locator("#name")).to_have_value("Meera Krishnan-Rao")


async def test_pages_for_another_role_and_before_a_code_have_no_flaws(
    browser: Browser, own_site: FullSite
) -> None:
    meera = own_site.people["Meera"]
    async with open_browser(browser, own_site.url) as session:
        await session.log_in(meera)
        await session.go("/account/security")
        await session.page.click("text=Use codes by e-mail")
        await session.page.wait_for_url("**/account/verify**")
        await assert_no_flaws(session, "code")
        await own_site.make_fresh(meera)
        await session.page.reload()
        await assert_no_flaws(session, "after the code")
        await session.page.click("text=Change two-step verification")
        await session.page.wait_for_url("**/account/security?done=two_factor_on")

        assert await session.go("/profile") == 403
        await assert_no_flaws(session, "role")
        await session.page.click("main .button.primary")
        await session.page.wait_for_url("**/profile")
        await expect(session.page.locator("h1")).to_have_text("Your profile")


async def test_recovery_codes_survive_a_reload_and_can_be_copied_downloaded_and_printed(
    browser: Browser, own_site: FullSite
) -> None:
    nils = own_site.people["Nils"]
    permissions = ["clipboard-read", "clipboard-write"]
    async with open_browser(browser, own_site.url, permissions=permissions) as session:
        page = session.page
        await session.log_in(nils)
        await own_site.make_fresh(nils)
        await session.go("/account/security")
        await page.click("text=Set up an authenticator app")
        key = (await page.inner_text(".key")).replace(" ", "")
        await page.fill("#code", own_site.app_code(key))
        await page.click("text=Turn on")
        await page.wait_for_selector(".recovery")
        shown = page.locator(".recovery code")
        await expect(shown).to_have_count(10)
        codes = await shown.all_inner_texts()
        await page.reload()
        await expect(shown).to_have_text(codes)
        await assert_no_flaws(session, "recovery codes")

        await page.click("text=Copy")
        await page.wait_for_selector("text=Copied")
        assert await page.evaluate("navigator.clipboard.readText()") == "\n".join(codes)
        async with page.expect_download() as saving:
            await page.click("text=Download")
        file = await (await saving.value).path()
        assert file.read_text(encoding="utf-8").splitlines()[-10:] == codes
        await page.emulate_media(media="print")
        for name, printed in (("main .button", False), ("header.top", False), (".recovery", True)):
            await expect(page.locator(name).first).to_be_visible(visible=printed)
        await page.emulate_media(media="screen")

        await page.click("text=I have saved them")
        await page.wait_for_url("**/account/security?done=codes_saved")
        assert await session.go("/account/security/recovery-codes") == 200
        await expect(page.locator("h1")).to_have_text("Security")
