"""Compression: by what the client accepts, of what is public or asked for by our own pages."""

from __future__ import annotations

import pytest
from quart import Response
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from tests.app import CALLER, PASSWORD
from tests.decoding import DECODERS, decoded
from tests.web.site import Browser, SiteWithBooking, build_site_with_booking
from web.shared.access import Who
from web.shared.compression import (
    FASTEST_FIRST,
    KEPT,
    LARGEST_IN_THE_EVENT_LOOP,
    SHARED,
    preferred,
)

SHEET = "/static/look.css"
ALL = {"Accept-Encoding": "gzip, deflate, br, zstd"}
"""What browsers send."""
OWN = {**ALL, "Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


async def body_of(answer: Response) -> bytes:
    return decoded(answer.headers.get("Content-Encoding"), await answer.get_data(as_text=False))


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("", None),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, br", "br"),
        ("zstd;q=0.5, gzip", "gzip"),
        ("br;q=0.1, gzip;q=0.2, zstd;q=0", "gzip"),
        ("*", "zstd"),
        ("*;q=0.5, gzip", "gzip"),
        ("gzip;q=0", None),
        ("*;q=0", None),
        ("zstd;q=0, *", "br"),
        ("identity", None),
        ("identity, gzip;q=0.5", None),
        ("identity;q=0.5, gzip", "gzip"),
        ("identity;q=0, gzip;q=0.1", "gzip"),
        ("deflate, compress", None),
    ],
)
def test_the_encoding_is_the_one_the_client_likes_best(header: str, chosen: str | None) -> None:
    found = preferred(parse_accept_header(header, Accept), FASTEST_FIRST)

    assert (found.name if found else None) == chosen


@pytest.mark.parametrize("encoding", DECODERS)
@pytest.mark.parametrize(
    "path",
    [SHEET, "/static/vendor/htmx.min.js", "/static/vendor/icons.svg", "/", "/developers",
     "/api/v1/openapi.json", "/rules"],
)  # fmt: skip
async def test_public_answers_are_compressed_in_every_encoding(
    site: SiteWithBooking, path: str, encoding: str
) -> None:
    visitor = Browser(site.quart_app)
    plain = await visitor.ask("GET", path)

    answer = await visitor.ask("GET", path, headers={"Accept-Encoding": encoding})

    compressed = await answer.get_data(as_text=False)
    original = await plain.get_data(as_text=False)
    assert answer.headers["Content-Encoding"] == encoding
    assert "Accept-Encoding" in answer.vary
    assert "Accept-Encoding" in plain.vary
    assert answer.content_length == len(compressed) < 0.5 * len(original)
    assert len(DECODERS[encoding](compressed)) == len(original), "only the nonce differs"


async def test_files_are_small_and_their_compressed_form_is_kept(site: SiteWithBooking) -> None:
    visitor = Browser(site.quart_app)
    first = await visitor.ask("GET", SHEET, headers=ALL)
    before = dict(KEPT)

    again = await visitor.ask("GET", SHEET, headers=ALL)

    assert first.headers["Content-Encoding"] == again.headers["Content-Encoding"] == "br"
    assert (first.content_length or 0) < 10_000
    assert await first.get_data() == await again.get_data()
    assert before and dict(KEPT) == before


async def test_a_public_answer_of_the_api_is_compressed_once_while_it_stays_the_same(
    site: SiteWithBooking,
) -> None:
    path = f"/api/v1/developers/{site.booking.developer.id}/slots"
    week, day = (f"{path}?from=2026-11-26&to=2026-{to}" for to in ("12-03", "11-27"))
    SHARED.clear()
    first = await Browser(site.quart_app).ask("GET", week, headers=ALL)
    shared = dict(SHARED)

    again = await Browser(site.quart_app).ask("GET", week, headers=ALL)

    assert first.headers["Content-Encoding"] == again.headers["Content-Encoding"] == "zstd"
    assert list(shared.values()) == [await again.get_data(as_text=False)]
    assert dict(SHARED) == shared
    other = await Browser(site.quart_app).ask("GET", day, headers=ALL)
    assert len(await body_of(other)) < len(await body_of(again))
    assert len(SHARED) == 2


async def test_what_an_account_gets_is_not_kept_for_others(site: SiteWithBooking) -> None:
    path = f"/api/v1/developers/{site.booking.developer.id}/slots?from=2026-11-26&to=2026-12-03"
    SHARED.clear()

    answer = await (await site.browser_for(Who.CLIENT)).ask("GET", path, headers=OWN)

    assert answer.headers["Content-Encoding"] == "zstd"
    assert not SHARED


async def test_what_is_short_or_compressed_already_or_not_wanted_is_sent_as_it_is(
    site: SiteWithBooking,
) -> None:
    visitor = Browser(site.quart_app)
    font = "/static/vendor/archivo/files/archivo-latin-wght-normal.woff2"

    for path in ("/static/favicon.svg", "/healthz", font):
        answer = await visitor.ask("GET", path, headers=ALL)
        size = len(await answer.get_data(as_text=False))
        assert "Content-Encoding" not in answer.headers, path
        assert size < 1_000 or path == font

    unasked = await visitor.ask("GET", SHEET)
    assert "Content-Encoding" not in unasked.headers
    assert "Accept-Encoding" not in (await visitor.ask("GET", font, headers=ALL)).vary


async def test_a_head_request_has_the_headers_of_the_compressed_answer(
    site: SiteWithBooking,
) -> None:
    visitor = Browser(site.quart_app)
    full = await visitor.ask("GET", SHEET, headers=ALL)

    head = await visitor.ask("HEAD", SHEET, headers=ALL)

    for name in ("Content-Encoding", "Content-Length", "ETag", "Vary"):
        assert head.headers[name] == full.headers[name], name


async def test_the_etag_of_a_compressed_file_is_weak_and_still_recognised(
    site: SiteWithBooking,
) -> None:
    visitor = Browser(site.quart_app)
    plain = await visitor.ask("GET", SHEET)
    packed = await visitor.ask("GET", SHEET, headers=ALL)

    assert packed.headers["ETag"] == f"W/{plain.headers['ETag']}"
    for known in (plain.headers["ETag"], packed.headers["ETag"]):
        for accepted, sent in (({}, plain), (ALL, packed)):
            headers = {**accepted, "If-None-Match": known}
            answer = await visitor.ask("GET", SHEET, headers=headers)
            assert (answer.status_code, await answer.get_data()) == (304, b"")
            assert answer.headers["ETag"] == sent.headers["ETag"]
            assert "Accept-Encoding" in answer.vary
            assert "Content-Encoding" not in answer.headers


async def test_a_part_of_a_file_is_of_the_file_as_it_is(site: SiteWithBooking) -> None:
    visitor = Browser(site.quart_app)
    whole = await (await visitor.ask("GET", SHEET)).get_data(as_text=False)

    part = await visitor.ask("GET", SHEET, headers={**ALL, "Range": "bytes=1000-2999"})

    assert part.status_code == 206
    assert "Content-Encoding" not in part.headers
    assert await part.get_data(as_text=False) == whole[1000:3000]
    assert part.headers["Content-Range"] == f"bytes 1000-2999/{len(whole)}"


async def test_the_large_description_of_the_api_is_compressed_outside_of_the_event_loop(
    site: SiteWithBooking,
) -> None:
    visitor = Browser(site.quart_app)
    plain = await (await visitor.ask("GET", "/api/v1/openapi.json")).get_data(as_text=False)

    answer = await visitor.ask("GET", "/api/v1/openapi.json", headers=ALL)

    assert len(plain) > LARGEST_IN_THE_EVENT_LOOP
    assert (answer.content_length or 0) < 0.1 * len(plain)
    assert await body_of(answer) == plain


@pytest.mark.parametrize("who", [Who.CLIENT, Who.DEVELOPER, Who.ADMIN])
async def test_an_answer_with_secrets_is_compressed_if_no_other_site_has_caused_the_request(
    site: SiteWithBooking, who: Who
) -> None:
    """Another site could choose a part of the request and measure the length (BREACH)."""
    browser = await site.browser_for(who)
    compressed = 0
    for _, path, access in site.routes(safe=True):
        if access.who not in (Who.SIGNED_IN, who):
            continue
        for origin in ("cross-site", "same-site", "", None):
            headers = ALL if origin is None else {**ALL, "Sec-Fetch-Site": origin}
            answer = await browser.ask("GET", path, headers=headers)
            assert "Content-Encoding" not in answer.headers, (path, origin)
        own = await browser.ask("GET", path, headers=OWN)
        typed = await browser.ask("GET", path, headers={**ALL, "Sec-Fetch-Site": "none"})
        assert typed.headers.get("Content-Encoding") == own.headers.get("Content-Encoding")
        compressed += own.headers.get("Content-Encoding") == "zstd"

    assert compressed >= 3


@pytest.mark.parametrize("path", ["/login", "/sign-up/client", "/forgot"])
async def test_a_form_of_a_visitor_has_a_token_and_so_a_secret(
    site: SiteWithBooking, path: str
) -> None:
    for visitor in (Browser(site.quart_app), await site.browser_for()):
        plain, html = await visitor.look(path)
        from_elsewhere = await visitor.ask("GET", path, headers=ALL)
        own = await visitor.ask("GET", path, headers=OWN)

        assert plain.status_code == 200
        assert 'name="csrf_token"' in html
        assert "Content-Encoding" not in from_elsewhere.headers
        assert own.headers["Content-Encoding"] == "zstd"
        assert own.headers["Cache-Control"] == "no-store"


OPEN = ("/api/v1/openapi.json", "/dev/mail", "/dev/mail.json")
"""The same for everybody: its examples have the addresses of the people of these tests; and the
mail catcher, which is there for trying out only and shows every e-mail to everybody."""


async def test_no_answer_to_another_site_has_a_token_and_is_compressed(
    site: SiteWithBooking,
) -> None:
    """Of all pages, as a visitor and as a user sees them."""
    headers = {**ALL, "Sec-Fetch-Site": "cross-site"}
    seen = 0
    for browser in (await site.browser_for(), await site.browser_for(Who.CLIENT)):
        for _, path, _ in site.routes(safe=True):
            answer = await browser.ask("GET", path, headers=headers)
            if "Content-Encoding" in answer.headers:
                seen += 1
                content = await body_of(answer)
                assert b"csrf_token" not in content, path
                assert browser.token.encode() not in content, path
                assert path in OPEN or site.client.email.encode() not in content, path

    assert seen > 5


async def test_a_program_with_a_token_of_its_own_gets_compressed_answers(
    site: SiteWithBooking,
) -> None:
    """No browser adds that token to the request of another site."""
    issued = await site.app.services.tokens.issue(
        email=site.client.email, password=PASSWORD, otp=None, caller=CALLER
    )
    sessions = site.app.store.repositories.sessions
    for session in await sessions.of_account(site.client.id):
        await sessions.verify(session.id, now=site.app.clock.now())
    headers = {**ALL, "Authorization": f"Bearer {issued.access}"}

    answer = await Browser(site.quart_app).ask("GET", "/api/v1/me/export", headers=headers)

    assert answer.headers["Content-Encoding"] == "zstd"
    assert site.booking.id.encode() in await body_of(answer)
