"""Going back to a page in a real browser, and the style sheet as the browser reads it."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from tests.browser.full_site import FullSite
from tests.browser.talk import see, two_people, write
from tests.browser.visits import open_browser
from web.app import WEB
from web.shared.records import static_folders

pytestmark = pytest.mark.browser

ON_RETURN = """() => addEventListener("pageshow", event => { window.kept = event.persisted; })"""
REASONS = "() => JSON.stringify(performance.getEntriesByType('navigation')[0].notRestoredReasons)"
IS_BACK = f"() => window.kept || ({REASONS})() !== 'null'"
"""The page was kept, or the browser says why it was not."""
RULES = """text => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  const spaces = /(?<=[,(])\\s+|\\s+(?=\\))/g, version = /\\?v=[0-9a-f]{12}/g;
  return [...sheet.cssRules].map(
    rule => rule.cssText.replaceAll(version, "").replaceAll(spaces, "").replaceAll("*:", ":"));
}"""
"""Without versions, without the spaces of custom properties, which are kept as they are written,
and without `*` where it changes nothing."""


async def is_kept(browser: Browser, site: FullSite, path: str, *, first: str = "") -> str:
    """ "kept", or the reasons of the browser for loading the page anew."""
    async with open_browser(browser, site.url) as session:
        if first:
            await session.go(first)
        await session.go(path)
        await session.page.evaluate(ON_RETURN)
        await session.go("/rules" if path != "/rules" else "/")
        await session.page.go_back(wait_until="commit")
        await session.page.wait_for_function(IS_BACK)
        kept = await session.page.evaluate("() => window.kept")
        return "kept" if kept else str(await session.page.evaluate(REASONS))


@pytest.mark.parametrize("first", ["", "/login"])
@pytest.mark.parametrize("path", ["/", "/developers", "/rules", "/help", "profile"])
async def test_public_pages_are_kept_for_going_back(
    full_browser: Browser, site: FullSite, path: str, first: str
) -> None:
    """Also for a visitor who has the cookie of a form."""
    if path == "profile":
        path = f"/developers/{next(iter(site.developers.values())).id}"

    assert await is_kept(full_browser, site, path, first=first) == "kept"


async def test_the_minified_style_sheet_has_the_rules_that_were_written(
    browser: Browser, site: FullSite
) -> None:
    folders = static_folders(WEB)
    written = "\n".join((one.path / name).read_text() for one in folders for name in one.sheets)
    async with open_browser(browser, site.url) as session:
        await session.go("/")
        served = await session.page.evaluate("() => fetch('/static/look.css').then(a => a.text())")

        before = await session.page.evaluate(RULES, written)
        after = await session.page.evaluate(RULES, served)

    assert len(before) > 10
    assert after == before


async def test_a_conversation_to_which_one_goes_back_has_what_was_missed(
    full_browser: Browser, live_site: FullSite
) -> None:
    async with two_people(full_browser, live_site) as talk:
        lucia = talk.lucia.page
        await talk.lucia.go("/rules")
        await write(talk.meera.page, "While you were away.")
        await see(talk.meera.page, "While you were away.")

        await lucia.go_back(wait_until="commit")

        await see(lucia, "While you were away.")


async def test_a_page_of_an_account_is_not_kept_after_the_log_out(
    full_browser: Browser, site: FullSite
) -> None:
    async with open_browser(full_browser, site.url) as session:
        await session.log_in(site.people["Rohan"], site)
        await session.go("/account")
        await session.page.evaluate(ON_RETURN)
        await session.page.context.clear_cookies()
        await session.go("/rules")
        await session.page.go_back(wait_until="load")

        await expect(session.page).to_have_url(re.compile("/login"))
        assert await session.page.evaluate("() => window.kept") is None
