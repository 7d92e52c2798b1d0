"""The description of the API is made once per process, and sent only to who does not have it."""

from __future__ import annotations

import hashlib
import json
import re

import pytest

from tests.web.site import Browser, SiteWithBooking, build_site_with_booking
from web.shared.access import Who

DOCUMENT, PAGE = "/api/v1/openapi.json", "/api/v1/docs"
SOCKETS = "/api/v1/asyncapi.json"


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


async def test_it_is_made_once(site: SiteWithBooking) -> None:
    provider, made = site.quart_app.extensions["QUART_SCHEMA"].openapi_provider, 0
    make = provider.schema

    def counted() -> object:
        nonlocal made
        made += 1
        return make()

    provider.schema = counted
    for path in (DOCUMENT, PAGE, SOCKETS, PAGE, DOCUMENT):
        for who in (Who.ANYONE, Who.CLIENT):
            answer = await (await site.browser_for(who)).ask("GET", path)
            assert answer.status_code == 200

    assert made == 1


async def test_the_document_is_what_the_framework_describes(site: SiteWithBooking) -> None:
    async with site.quart_app.app_context():
        schema = site.quart_app.extensions["QUART_SCHEMA"].openapi_provider.schema()
        described = json.loads(site.quart_app.json.dumps(schema))

    answer = await Browser(site.quart_app).ask("GET", DOCUMENT)

    assert answer.content_type == "application/json"
    assert await answer.get_json() == described
    assert DOCUMENT not in described["paths"]
    assert len(described["paths"]) >= 50


@pytest.mark.parametrize("who", [None, Who.CLIENT, Who.DEVELOPER])
@pytest.mark.parametrize(("path", "size"), [(DOCUMENT, 10_000), (PAGE, 10_000), (SOCKETS, 3_000)])
async def test_who_has_it_gets_304(
    site: SiteWithBooking, path: str, size: int, who: Who | None
) -> None:
    browser = await site.browser_for(who) if who else Browser(site.quart_app)
    first = await browser.ask("GET", path)
    tag = first.headers["ETag"]

    again = await browser.ask("GET", path, headers={"If-None-Match": tag})
    other = await browser.ask("GET", path, headers={"If-None-Match": '"other"'})

    assert (again.status_code, await again.get_data(as_text=True)) == (304, "")
    assert (again.headers["ETag"], again.headers["X-Content-Type-Options"]) == (tag, "nosniff")
    assert (other.status_code, other.headers["ETag"]) == (200, tag)
    assert len(await other.get_data(as_text=True)) > size


@pytest.mark.parametrize("path", [DOCUMENT, SOCKETS])
async def test_the_etag_of_the_document_belongs_to_its_bytes(
    site: SiteWithBooking, path: str
) -> None:
    answer = await Browser(site.quart_app).ask("GET", path)

    body = await answer.get_data(as_text=False)
    assert isinstance(body, bytes)
    assert answer.headers["ETag"] == f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "Set-Cookie" not in answer.headers


async def test_a_page_of_another_reader_or_zone_is_another_page(site: SiteWithBooking) -> None:
    readers = [await site.browser_for(who) for who in (Who.CLIENT, Who.DEVELOPER)]
    visitors = [Browser(site.quart_app, {"zone": zone}) for zone in ("Asia/Kolkata", "Asia/Tokyo")]

    tags = [(await reader.ask("GET", PAGE)).headers["ETag"] for reader in readers + visitors]

    assert len(set(tags)) == 4


async def test_a_stored_page_keeps_the_policy_with_its_nonce(site: SiteWithBooking) -> None:
    browser = Browser(site.quart_app)
    first = await browser.ask("GET", PAGE)
    (nonce,) = set(re.findall(r'nonce="([^"]+)"', await first.get_data(as_text=True)))

    again = await browser.ask("GET", PAGE, headers={"If-None-Match": first.headers["ETag"]})

    assert f"'nonce-{nonce}'" in first.headers["Content-Security-Policy"]
    assert "Content-Security-Policy" not in again.headers


async def test_the_page_shows_the_socket_events_and_code_as_code(site: SiteWithBooking) -> None:
    html = await (await Browser(site.quart_app).ask("GET", PAGE)).get_data(as_text=True)

    for event in ("slots:watch", "slots:changed", "booking:updated", "session:ended"):
        assert f'<td class="what"><code>{event}</code></td>' in html
    assert "Subscribe to <code>slots:changed</code> of one developer" in html
    assert "`" not in html[html.index("<main") : html.index("</main>")]
