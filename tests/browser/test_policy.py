"""The content security policy in a real browser: scripts that are not ours do not run."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from tests.api_client import until
from tests.browser.full_site import FullSite
from tests.browser.visits import open_browser

pytestmark = pytest.mark.browser

INJECT_HTML = """html => new Promise(done => {
  document.addEventListener("securitypolicyviolation", event => done(event.effectiveDirective));
  document.body.insertAdjacentHTML("beforeend", html);
  setTimeout(() => done("nothing was refused"), 30000);
})"""

RUN_AS_CODE = """way => new Promise(done => setTimeout(() => {
  try { window[way]("window.ran = true"); done("it ran"); } catch (error) { done(error.name); }
}))"""
"""In a separate task: code that a test evaluates directly is not subject to the policy."""


@pytest.mark.parametrize(
    ("html", "refused_by"),
    [
        ('<img src="/nothing.png" onerror="window.ran = true">', "script-src-attr"),
        ('<iframe src="https://evil.example/"></iframe>', "frame-src"),
        ('<object data="/static/look.css"></object>', "object-src"),
        ('<p style="position: fixed">over everything</p>', "style-src-attr"),
        ('<img src="https://evil.example/pixel.png">', "img-src"),
    ],
)
async def test_what_is_planted_in_a_page_is_refused(
    browser: Browser, site: FullSite, html: str, refused_by: str
) -> None:
    async with open_browser(browser, site.url) as session:
        await session.go("/developers")

        assert await session.page.evaluate(INJECT_HTML, html) == refused_by

        assert await session.page.evaluate("window.ran") is None


@pytest.mark.parametrize("way", ["eval", "Function"])
async def test_text_does_not_become_code(browser: Browser, site: FullSite, way: str) -> None:
    async with open_browser(browser, site.url) as session:
        await session.go("/developers")

        error = await session.page.evaluate(RUN_AS_CODE, way)

        assert (error, await session.page.evaluate("window.ran")) == ("EvalError", None)


async def test_the_nonce_cannot_be_read_out_of_the_page(browser: Browser, site: FullSite) -> None:
    async with open_browser(browser, site.url) as session:
        await session.go("/developers")

        read = await session.page.evaluate("document.querySelector('script').getAttribute('nonce')")

        assert read == ""


async def test_what_was_refused_is_reported_to_the_log(
    browser: Browser, site: FullSite, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_browser(browser, site.url) as session:
        await session.go("/developers?q=secret")
        await session.page.evaluate(
            INJECT_HTML, '<img src="/nothing.png" onerror="window.ran = true">'
        )

        await until(lambda: _log_messages(caplog), what="a report in the log")

    assert caplog.messages == ["a browser blocked inline by script-src-attr on /developers, from ?"]


async def _log_messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    return caplog.messages
