"""What caches may keep: public answers for a while, private ones never."""

from __future__ import annotations

import re

import pytest

from tests.web.observatory import tags
from tests.web.site import Browser, SiteWithBooking, build_site_with_booking
from web.shared.access import Who

PUBLIC_PAGES = ("/", "/developers", "/rules", "/help", "/terms", "/privacy", "/api/v1/docs")
"""Pages without a form that changes something. The profile has one, with a token."""


@pytest.fixture(scope="module")
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


def api_paths(site: SiteWithBooking) -> dict[str, int]:
    """Public answers of the API, and for how many seconds they are fresh."""
    profile = f"/api/v1/developers/{site.developer_id}"
    return {"/api/v1/developers": 10, profile: 10, f"{profile}/slots": 5, "/api/v1/skills": 60}


async def test_public_answers_of_the_api_are_fresh_for_seconds_and_then_compared(
    site: SiteWithBooking,
) -> None:
    for browser in (Browser(site.quart_app), await site.browser_for()):
        for path, seconds in api_paths(site).items():
            first = await browser.ask("GET", path)
            again = await browser.ask("GET", path, headers={"If-None-Match": first.headers["ETag"]})

            assert first.headers["Cache-Control"] == f"public, max-age={seconds}", path
            assert {"Cookie", "Authorization"} <= set(first.vary), path
            assert "Set-Cookie" not in first.headers
            assert (again.status_code, await again.get_data()) == (304, b""), path
            assert again.headers["Cache-Control"] == first.headers["Cache-Control"]


async def test_their_etag_is_of_the_content(site: SiteWithBooking) -> None:
    visitor = Browser(site.quart_app)

    all_of_them = await visitor.ask("GET", "/api/v1/developers")
    none_of_them = await visitor.ask("GET", "/api/v1/developers?q=zzzzz")
    same = await visitor.ask("GET", "/api/v1/developers?limit=20")

    assert all_of_them.headers["ETag"] != none_of_them.headers["ETag"]
    assert all_of_them.headers["ETag"] == same.headers["ETag"]


async def test_who_is_logged_in_gets_them_fresh(site: SiteWithBooking) -> None:
    client = await site.browser_for(Who.CLIENT)
    for path in api_paths(site):
        answer = await client.ask("GET", path)
        assert answer.headers["Cache-Control"] == "no-store", path
        assert {"Cookie", "Authorization"} <= set(answer.vary), path


async def test_a_failure_is_not_kept(site: SiteWithBooking) -> None:
    for path in ("/api/v1/developers/nobody", "/api/v1/developers?limit=0"):
        answer = await Browser(site.quart_app).ask("GET", path)
        assert answer.status_code in (404, 422)
        assert "public" not in answer.headers.get("Cache-Control", "")


async def test_browsers_can_go_back_to_public_pages_without_loading_them(
    site: SiteWithBooking,
) -> None:
    """`no-store` would keep a page out of the back/forward cache, also for visitors who have opened
    a form before."""
    with_cookie = await site.browser_for()
    assert with_cookie.jar
    profile = f"/developers/{site.developer_id}"
    for browser in (Browser(site.quart_app), with_cookie):
        for path in (*PUBLIC_PAGES, profile):
            answer, html = await browser.look(path)
            assert (path, answer.headers["Cache-Control"]) == (path, "private, no-cache")
            assert ("csrf_token" in html) == (path == profile), path
            if path != profile:
                assert "Set-Cookie" not in answer.headers, path


async def test_pages_with_a_form_or_of_an_account_are_not_stored(site: SiteWithBooking) -> None:
    for path in ("/login", "/sign-up/client", "/forgot"):
        for browser in (Browser(site.quart_app), await site.browser_for()):
            answer, _ = await browser.look(path)
            assert (path, answer.headers["Cache-Control"]) == (path, "no-store")
    for who in (Who.PENDING, Who.CLIENT):
        browser = await site.browser_for(who)
        for path in ("/", f"/developers/{site.developer_id}"):
            answer, _ = await browser.look(path)
            assert (who, answer.headers["Cache-Control"]) == (who, "no-store")


async def test_every_file_that_a_page_names_has_its_version(site: SiteWithBooking) -> None:
    named: set[str] = set()
    for who in (Who.ANYONE, Who.CLIENT, Who.DEVELOPER, Who.ADMIN):
        browser = await site.browser_for(who)
        for _, path, _ in site.routes(safe=True):
            answer, html = await browser.look(path)
            if answer.mimetype == "text/html":
                every = [tag.get(key, "") for tag in tags(html) for key in ("src", "href")]
                named |= {url for url in every if url.startswith("/static/")}

    assert len(named) > 10
    assert [url for url in named if "?v=" not in url] == []
    for url in named:
        answer = await browser.ask("GET", url)
        assert answer.status_code == 200, url
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert not url.partition("#")[0].endswith("?v=0"), "the file is missing"


@pytest.mark.parametrize("path", ["/", "/login", "/nothing-here"])
async def test_a_header_of_the_page_names_its_style_sheet_and_the_font_of_the_sheet(
    site: SiteWithBooking, path: str
) -> None:
    visitor = Browser(site.quart_app)
    answer, html = await visitor.look(path)
    sheet = await (await visitor.ask("GET", "/static/look.css")).get_data(as_text=True)

    (linked,) = [tag["href"] for tag in tags(html, "link") if tag.get("rel") == "stylesheet"]
    found = re.fullmatch(
        "<(.+)>; rel=preload; as=style, <(.+)>; rel=preload; as=font; type=font/woff2; crossorigin",
        answer.headers["Link"],
    )

    assert found and found[1] == linked
    assert f'url("{found[2].removeprefix("/static/")}")' in sheet


async def test_only_whole_pages_name_files_to_load_early(site: SiteWithBooking) -> None:
    visitor = Browser(site.quart_app)

    part = await visitor.ask("GET", "/developers", headers={"HX-Request": "true"})
    data = await visitor.ask("GET", "/api/v1/developers")

    assert part.status_code == data.status_code == 200
    assert "Link" not in part.headers and "Link" not in data.headers


async def test_htmx_is_loaded_by_the_pages_that_use_it_and_by_no_other(
    site: SiteWithBooking,
) -> None:
    using = set()
    for who in (Who.ANYONE, Who.CLIENT, Who.DEVELOPER, Who.ADMIN):
        browser = await site.browser_for(who)
        for _, path, _ in site.routes(safe=True):
            answer, html = await browser.look(path)
            if answer.mimetype != "text/html" or "</html>" not in html:
                continue
            uses = any(name.startswith("hx-") for tag in tags(html) for name in tag)
            loads = any("htmx" in tag.get("src", "") for tag in tags(html, "script"))
            configured = any(tag.get("name") == "htmx-config" for tag in tags(html, "meta"))
            assert uses <= loads, path
            assert loads == configured, path
            if loads:
                using.add(path)

    assert {"/developers", "/dashboard", "/profile/hours"} <= using
    assert using.isdisjoint({"/", "/login", "/sign-up/client", "/account", "/rules", "/profile"})
