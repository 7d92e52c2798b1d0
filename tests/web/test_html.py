"""Every page is valid HTML, by html-validate (recommended rules; tests/node/html-validate.cjs)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.accounts import Account
from tests.browser.full_site import FullSite, build_full_site
from tests.browser.page_paths import FRESH_PAGES, OPEN_PAGES, PAGES_OF, address
from tests.node import FOLDER, node_tool
from tests.web.site import Browser, app_of
from web.shared.templating import iso

PAGES_MINIMUM = 100
"""So that a change of the lists cannot leave most pages out."""


async def test_every_page_is_valid_html(tmp_path: Path) -> None:
    site = await build_full_site()
    site.app.clock.advance(timedelta(microseconds=123_456))  # as in production
    pages = await all_pages(site)
    for path, html in pages.items():
        (tmp_path / f"{file_name(path)}.html").write_text(html, encoding="utf-8")
    assert len(pages) >= PAGES_MINIMUM

    await node_tool("html-validate", "--config", FOLDER / "html-validate.cjs", tmp_path)


async def all_pages(site: FullSite) -> dict[str, str]:
    """The HTML of each page by who opens it and its path."""
    quart_app = app_of(site.app)
    visitor = Browser(quart_app)
    profile = f"/developers/{site.developers['Lucía'].id}"
    pages = {f"visitor {path}": await html_of(visitor, path) for path in (*OPEN_PAGES, profile)}
    for name, paths in PAGES_OF.items():
        browser = Browser(quart_app)
        await log_in(browser, site, site.people[name])
        for path in paths:
            pages[f"{name} {path}"] = await html_of(browser, address(site, path))
        if name == "Meera":
            await site.make_fresh(site.people[name])
            pages |= {f"{name} {path}": await html_of(browser, path) for path in FRESH_PAGES}
    return pages


def test_times_have_at_most_three_digits_of_a_second() -> None:
    assert iso(datetime(2026, 11, 23, 6, 0, 0, 123_456, UTC)) == "2026-11-23T06:00:00.123+00:00"
    assert iso(datetime(2026, 11, 23, 6, 0, tzinfo=UTC)) == "2026-11-23T06:00:00+00:00"


async def html_of(browser: Browser, path: str) -> str:
    response, html = await browser.look(path)
    if response.status_code == 303:  # a search that has one result
        response, html = await browser.look(response.headers["Location"])
    assert response.mimetype == "text/html" and html.startswith("<!doctype html>"), path
    return html


async def log_in(browser: Browser, site: FullSite, account: Account) -> None:
    await browser.look("/login")
    await browser.log_in(account)
    if account.factor:
        form = {"code": await site.second_factor(account), "csrf_token": browser.token}
        answer = await browser.ask("POST", "/login/code", form=form)
        assert answer.status_code == 303


def file_name(page: str) -> str:
    return re.sub(r"[^\w=-]+", "_", page)
