"""No other site can act through a user's browser: every unsafe route, every kind of attempt."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.web.site import Browser, SiteWithBooking, build_site_with_booking
from web.shared.access import Access
from web.shared.cookies import HEADER, ForgedRequest

REFUSED = str(ForgedRequest.__doc__)
EVIL = "https://evil.example"
EXCEPTIONS = {
    "/csp-reports": "browsers send reports by themselves; one is a line in the log, nothing more",
    "/api/v1/webhooks/payments/memory": "the provider's signature over the bytes is the proof",
    "/api/v1/webhooks/payouts/memory": "as for payments",
    "/api/v1/webhooks/mail": "the provider's proof in the headers",
    "/api/v1/webhooks/video/peer": "as for payments; the calls of this provider have no webhooks",
    "/storage/no-token": "knows no cookie: the signed link is the proof",
    "/api/v1/auth/token": "reads and sets no cookie: the password in the body is the proof",
    "/api/v1/auth/token/refresh": "reads and sets no cookie: the refresh token is the proof",
    "/api/v1/auth/token/revoke": "reads and sets no cookie: the refresh token is the proof",
}
WAYS: dict[str, Callable[[str], dict[str, Any]]] = {
    "no token": lambda token: {"json": {}},
    "no token in a form": lambda token: {"form": {"name": "x"}},
    "another browser's token": lambda token: {"json": {}, "headers": {HEADER: token[::-1]}},
    "a foreign origin": lambda token: {
        "json": {}, "headers": {HEADER: token, "Origin": EVIL},
    },
    "the origin of a sandbox": lambda token: {
        "json": {}, "headers": {HEADER: token, "Origin": "null"},
    },
    "the origin of a sibling host": lambda token: {
        "json": {}, "headers": {HEADER: token, "Origin": "https://evil.onehour.test"},
    },
    "our origin without its s": lambda token: {
        "json": {}, "headers": {HEADER: token, "Origin": "http://onehour.test"},
    },
    "from another site": lambda token: {
        "json": {}, "headers": {HEADER: token, "Sec-Fetch-Site": "cross-site"},
    },
    "from a sibling site": lambda token: {
        "json": {}, "headers": {HEADER: token, "Sec-Fetch-Site": "same-site"},
    },
    "as plain text": lambda token: {
        "data": f"csrf_token={token}", "headers": {"Content-Type": "text/plain"},
    },
    "as JSON in plain text": lambda token: {
        "data": f'{{"csrf_token": "{token}"}}', "headers": {"Content-Type": "text/plain"},
    },
    "in the query": lambda token: {"json": {}, "query_string": {"csrf_token": token}},
}  # fmt: skip


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


def unsafe_routes(site: SiteWithBooking) -> list[tuple[str, str, Access]]:
    routes = list(site.routes(safe=False))
    assert len(routes) > 25
    assert {path for _, path, access in routes if not access.cookies} == set(EXCEPTIONS)
    return [route for route in routes if route[1] not in EXCEPTIONS]


@pytest.mark.parametrize("way", WAYS)
async def test_a_forged_request_is_refused_and_changes_nothing(
    site: SiteWithBooking, way: str
) -> None:
    for method, path, access in unsafe_routes(site):
        browser = await site.browser_for(access)
        before = site.changes

        answer = await browser.ask(method, path, **WAYS[way](browser.token))

        assert (method, path, answer.status_code) == (method, path, 403)
        assert REFUSED in await answer.get_data(as_text=True)
        assert site.changes == before, path


async def test_the_right_token_from_our_own_page_is_accepted(
    site: SiteWithBooking,
) -> None:
    for method, path, access in unsafe_routes(site):
        browser = await site.browser_for(access)
        ours = {HEADER: browser.token, "Origin": "https://onehour.test",
                "Sec-Fetch-Site": "same-origin"}  # fmt: skip

        answer = await browser.ask(method, path, json={}, headers=ours)

        assert REFUSED not in await answer.get_data(as_text=True), path


async def test_a_browser_without_a_cookie_has_no_right_token(site: SiteWithBooking) -> None:
    token = (await site.browser_for()).token
    headers = {HEADER: token, "Sec-Fetch-Site": "same-origin"}
    for method, path, _ in unsafe_routes(site):
        answer = await Browser(site.quart_app).ask(method, path, json={}, headers=headers)

        assert (path, answer.status_code) == (path, 403)


NO_BROWSER: dict[str, dict[str, Any]] = {
    "with a cookie": {"json": {}, "headers": {"Cookie": "theme=dark"}},
    "with an origin": {"json": {}, "headers": {"Origin": "https://onehour.test"}},
    "with fetch metadata": {"json": {}, "headers": {"Sec-Fetch-Site": "none"}},
    "as plain text": {"data": "{}", "headers": {"Content-Type": "text/plain"}},
    "as a form": {"form": {}},
}
"""What a page of another site could make a browser send, or what only a browser sends."""


async def test_a_program_without_cookies_needs_no_token_where_anyone_may_call(
    site: SiteWithBooking,
) -> None:
    for method, path, access in unsafe_routes(site):
        program = Browser(site.quart_app)
        answers = {
            way: (await program.ask(method, path, **sent)).status_code
            for way, sent in NO_BROWSER.items()
        }
        plain = await program.ask(method, path, json={})

        assert (path, set(answers.values())) == (path, {403})
        assert (path, plain.status_code == 403) == (path, not access.programs)
        assert "Set-Cookie" not in plain.headers or not access.programs, path


READ_BY_ID = re.compile(r"/api/v1/admin/findings/.+/resolve")


async def test_looking_does_what_only_sending_may_do_on_no_route(site: SiteWithBooking) -> None:
    """404 where the whole rest of a path is the id of what is read, which may have slashes."""
    readable = {path for _, path, _ in site.routes(safe=True)}
    for _, path, access in site.routes(safe=False):
        if path not in readable:
            browser = await site.browser_for(access)
            before = site.changes
            disguised = {"X-HTTP-Method-Override": "POST", HEADER: browser.token}

            answer = await browser.ask("GET", f"{path}?_method=POST", headers=disguised)

            assert answer.status_code == (404 if READ_BY_ID.fullmatch(path) else 405), path
            assert site.changes == before, path


WRITES = {
    "/api/v1/auth/oauth/memory/start": "remembers the sign-in that begins, for this browser alone",
    f"/api/v1/calendar/{'x' * 43}.ics": "counts how often feeds are asked for",
    "/admin/settlements/list.csv": "a line of the administrator's activity says that it was taken",
    "/admin/withdrawals/list.csv": "a line of the administrator's activity says that it was taken",
    "/api/v1/me/export": "a line of the person's own activity says that it was taken",
}
"""What looking at it writes, and why that harms nobody."""
BUNDLE = re.compile(r"/api/v1/disputes/\w+/bundle")
"""A download keeps the result of the check of what was made, for administrators."""
AUDITED = (
    "/admin/people/",
    "/admin/bookings/",
    "/admin/payments/",
    "/admin/reports/",
    "/admin/disputes/",
    "/admin/chargebacks/",
    "/api/v1/admin/chargebacks/",
    "/api/v1/admin/disputes/",
)
"""Looking at these is recorded in the activity of the people concerned."""


async def test_looking_at_everything_changes_nothing(site: SiteWithBooking) -> None:
    for _, path, access in site.routes(safe=True):
        if path in WRITES or path.startswith(AUDITED) or BUNDLE.fullmatch(path):
            continue
        browser = await site.browser_for(access)
        before = site.changes

        await browser.ask("GET", path)

        assert (path, site.changes - before) == (path, 0)
