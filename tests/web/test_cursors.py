"""Only the cursor that a list gave is taken as a position in it; anything else is refused."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest
from werkzeug.routing import Rule

from tests.web.site import Browser, SiteWithBooking, build_site_with_booking
from web.shared.access import Access, Who
from web.shared.paging import WRONG, next_cursor

ROOT = Path(__file__).parents[2]
KEY = "20261123060000000|bkg_1"
"""The sort key of an item; every list takes any text as one."""
PAGES = {
    "activity.show",
    "admin_chargebacks.index",
    "admin_findings.index",
    "admin_lists.bookings",
    "admin_lists.jobs",
    "admin_lists.outbox",
    "admin_payment_list.index",
    "admin_settlements.index",
    "admin_settlements.show",
    "admin_stopped_refunds.index",
    "admin_withdrawal_list.index",
    "administration.audit",
    "administration.people",
    "administration.person",
    "bookings.dashboard",
    "case_list.index",
    "chat_reports.index",
    "chats.index",
    "developers.index",
    "notifications.index",
    "wallet.show",
    "withdrawals.index",
}
"""The pages with lists that go on."""
INVENTED = (
    "x", "0", "null", "NaN", "true", "-1", "{}", "[]", "*", "=", " ", "\0", "a\0b", "राहुल",
    KEY, "meera@example.com", "A" * 900, "A" * 5000, "AAAA", "////", "%00",
    *(
        urlsafe_b64encode(text.encode()).decode()
        for text in ("{}", '{"key": 1}', "[1, null]", "NaN", "\0" * 40, KEY, "x" * 40)
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


async def lists(site: SiteWithBooking) -> list[tuple[Rule, Access]]:
    """Every route of the API that takes a cursor, and every page that does."""
    described = await (
        await (await site.browser_for()).ask("GET", "/api/v1/openapi.json")
    ).get_json()
    paths = {
        path
        for path, operations in described["paths"].items()
        if any(each["name"] == "cursor" for each in operations.get("get", {}).get("parameters", ()))
    }
    assert len(paths) >= 8
    return [
        (rule, access)
        for rule, access in site.rules()
        if (rule.rule in paths and "GET" in (rule.methods or ())) or rule.endpoint in PAGES
    ]


async def cursor_of(site: SiteWithBooking, path: str) -> str:
    """The cursor that the list gives after the item with this key."""
    async with site.quart_app.test_request_context(path):
        cursor = next_cursor(KEY)
    assert cursor
    return cursor


async def ask(browser: Browser, path: str, cursor: str) -> tuple[int, bool]:
    """The status, and whether the cursor is named as wrong."""
    answer = await browser.ask("GET", path, query_string={"cursor": cursor})
    if not path.startswith("/api/"):
        return answer.status_code, WRONG in await answer.get_data(as_text=True)
    errors = (await answer.get_json()).get("errors", [])
    return answer.status_code, [each["field"] for each in errors] == ["cursor"]


async def test_a_list_goes_on_after_its_own_cursor(site: SiteWithBooking) -> None:
    for rule, access in await lists(site):
        path = site.path(rule)
        browser = await site.browser_for(access)

        own = await ask(browser, path, await cursor_of(site, path))
        none = await ask(browser, path, "")

        assert (rule.endpoint, own, none) == (rule.endpoint, (200, False), (200, False))


async def test_an_invented_cursor_is_refused_and_named(site: SiteWithBooking) -> None:
    for rule, access in await lists(site):
        path = site.path(rule)
        browser = await site.browser_for(access)

        for cursor in INVENTED:
            answer = await ask(browser, path, cursor)
            assert (rule.endpoint, cursor, answer) == (rule.endpoint, cursor, (422, True))


async def test_every_page_that_reads_a_cursor_is_tested(site: SiteWithBooking) -> None:
    reading = set()
    for rule, access in site.rules():
        if "GET" in (rule.methods or ()) and not rule.rule.startswith("/api/"):
            browser = await site.browser_for(access)
            answer = await browser.ask("GET", site.path(rule), query_string={"cursor": "x"})
            if WRONG.encode() in await answer.get_data(as_text=False):
                reading.add(rule.endpoint)

    assert reading == PAGES


async def test_an_altered_cursor_is_refused(site: SiteWithBooking) -> None:
    for rule, access in await lists(site):
        path = site.path(rule)
        browser, cursor = await site.browser_for(access), await cursor_of(site, path)
        other = {"A": "B"}

        for place in (0, 5, len(cursor) // 2, len(cursor) - 1):
            changed = other.get(cursor[place], "A")
            altered = f"{cursor[:place]}{changed}{cursor[place + 1 :]}"
            assert await ask(browser, path, altered) == (422, True), (rule.endpoint, place)
        for altered in (cursor[:-1], f"{cursor}A", f"{cursor}=", f" {cursor}", cursor.upper()):
            assert await ask(browser, path, altered) == (422, True), (rule.endpoint, altered)


async def test_the_cursor_of_another_list_is_refused(site: SiteWithBooking) -> None:
    found = await lists(site)
    cursors = {rule.endpoint: await cursor_of(site, site.path(rule)) for rule, _ in found}

    for rule, access in found:
        browser = await site.browser_for(access)
        for endpoint, cursor in cursors.items():
            status, _ = await ask(browser, site.path(rule), cursor)
            assert (status == 200) is (endpoint == rule.endpoint), (rule.endpoint, endpoint)


async def test_the_cursor_of_another_order_is_refused(site: SiteWithBooking) -> None:
    browser = await site.browser_for(Who.ANYONE)
    for path in ("/api/v1/developers", "/developers"):
        cursor = await cursor_of(site, f"{path}?sort=rate")

        same = await browser.ask("GET", path, query_string={"cursor": cursor, "sort": "rate"})
        other = await browser.ask("GET", path, query_string={"cursor": cursor, "sort": "rating"})

        assert (path, same.status_code, other.status_code) == (path, 200, 422)


def test_no_route_reads_a_cursor_that_was_not_checked() -> None:
    reads = re.compile(r"""args(\.get\(|\[)["']cursor|text\(["']cursor""")

    files = [*ROOT.glob("web/**/*.py"), *ROOT.glob("plugins/**/*.py")]
    reading = [str(f.relative_to(ROOT)) for f in files if reads.search(f.read_text("utf-8"))]

    assert reading == ["web/shared/paging.py"]
