"""Every page is valid HTML, by two checkers: html-validate (recommended rules;
tests/node/html-validate.cjs) and the Nu HTML Checker of the W3C, which may not even warn."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.accounts import Account
from tests.browser.full_site import FullSite, build_full_site
from tests.browser.page_paths import FRESH_PAGES, OPEN_PAGES, PAGES_OF, address
from tests.node import FOLDER, java_tool, node_tool
from tests.web.site import Browser, app_of
from web.shared.templating import iso

PAGES_MINIMUM = 100
"""So that a change of the lists cannot leave most pages out."""
REFUSED_BY_VISITOR: Mapping[str, Mapping[str, str]] = {
    "/login": {}, "/sign-up/client": {}, "/sign-up/developer": {"email": "x"}, "/forgot": {},
    "/confirm": {}, "/time-zone": {"timezone": "x"},
}  # fmt: skip
REFUSED_BY_DEVELOPER: Mapping[str, Mapping[str, str]] = {
    "/profile": {"name": "", "rate": "x"},
    "/profile/hours": {"from-0-0": "x", "to-0-0": "y", "from-1-0": "9", "notice": "x"},
    "/account": {"name": "", "timezone": "x"},
}
"""Forms that are shown again with their errors."""
HTMX = "Attribute .hx-[a-z-]+. not allowed on element .*"
"""The attributes of htmx are the only ones on our pages that HTML does not have."""

WRONG = (
    "<!doctype html><html lang=en><title>A</title>"
    "<time datetime='2026-11-23T06:00:00.123456Z'>Now</time>"
)
"""A page of one line, with a time that has too many digits of a second."""
WHY = (
    '1.46-1.90: error: Bad value "2026-11-23T06:00:00.123456Z" for attribute "datetime" on '
    'element "time": A fraction of a second must be one, two, or three digits.'
)


@pytest.fixture(scope="module")
async def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file for each page."""
    site = await build_full_site()
    site.app.clock.advance(timedelta(microseconds=123_456))  # as in production
    found = await all_pages(site) | await refused_pages(site)
    assert len(found) >= PAGES_MINIMUM
    folder = tmp_path_factory.mktemp("pages")
    for path, html in found.items():
        (folder / f"{file_name(path)}.html").write_text(html, encoding="utf-8")
    return folder


async def test_html_validate_accepts_every_page(pages: Path) -> None:
    await node_tool("html-validate", "--config", FOLDER / "html-validate.cjs", pages)


async def test_the_nu_html_checker_complains_only_about_a_page_that_is_wrong(
    pages: Path, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.html"
    wrong.write_text(WRONG, encoding="utf-8")

    complaints = await java_tool(
        "vnu-jar/build/dist/vnu.jar", "--stdout", "--exit-zero-always", "--asciiquotes",
        "--filterpattern", HTMX, wrong, pages,
    )  # fmt: skip

    assert complaints.splitlines() == [f'"file:{wrong}":{WHY}']


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


async def refused_pages(site: FullSite) -> dict[str, str]:
    """The HTML of forms that were sent with wrong or missing values."""
    quart_app = app_of(site.app)
    developer = Browser(quart_app)
    await log_in(developer, site, site.people["Lucía"])
    return {
        f"refused {path}": await refused(browser, path, form)
        for browser, forms in (
            (Browser(quart_app), REFUSED_BY_VISITOR),
            (developer, REFUSED_BY_DEVELOPER),
        )
        for path, form in forms.items()
    }


async def refused(browser: Browser, path: str, form: Mapping[str, str]) -> str:
    await browser.look(path)
    answer = await browser.ask("POST", path, form={**form, "csrf_token": browser.token})
    assert answer.status_code == 422, path
    return await answer.get_data(as_text=True)


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
