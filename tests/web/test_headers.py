"""Security headers of every answer, scored as Mozilla's Observatory does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import socketio

from core.jobs import JobId
from tests.web import observatory
from tests.web.observatory import parsed, score, tags
from tests.web.site import SCRIPT, Browser, SiteWithBooking, build_site_with_booking
from web.app import WEB
from web.shared.access import Who
from web.shared.headers import with_common_headers
from web.shared.live import LocalManager
from web.shared.records import events_of
from web.shared.sockets import create_sockets

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted(
    path
    for folder in ("web", "plugins", "adapters", "examples")
    for path in (ROOT / folder).rglob("templates/**/*.html")
)
ENOUGH = 125
"""Of 135, 5 of which are for hosts on the browsers' preload list."""
CAUGHT_MAIL = "/dev/mail/1"
"""A mail brings styles of its own. It is shown only where mail is caught, never in production."""
OPEN = {Who.ANYONE, Who.GATEWAY}
PEOPLE = (Who.ANYONE, Who.CLIENT, Who.DEVELOPER, Who.PENDING, Who.ADMIN)
FAILURES = [
    (403, "POST", "/login", {"email": "a@example.com"}),
    (404, "GET", "/nothing-here", None),
    (405, "POST", "/rules", None),
    (413, "POST", "/login", {"email": "x" * 1_100_000}),
    (422, "POST", "/login", {"email": "", "password": "", "csrf_token": "right"}),
    (500, "GET", "/broken", None),
]


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


@pytest.mark.parametrize("who", PEOPLE)
async def test_every_page_scores_125_of_135_or_more(site: SiteWithBooking, who: Who) -> None:
    scores: dict[str, int] = {}
    for method, path, _ in site.routes(safe=True):
        fresh = Browser(site.quart_app) if who is Who.ANYONE else await site.browser_for(who)
        answer, page = await fresh.page(method, path)
        if answer.mimetype == "text/html" and answer.status_code not in (302, 303):
            scores[path] = score(page)

    assert scores.pop(CAUGHT_MAIL) >= 110
    assert len(scores) > 10
    assert {path: found for path, found in scores.items() if found < ENOUGH} == {}


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize(("status", "method", "path", "form"), FAILURES)
async def test_a_page_of_a_failure_scores_as_high(
    site: SiteWithBooking,
    who: Who,
    status: int,
    method: str,
    path: str,
    form: dict[str, str] | None,
) -> None:
    browser = await site.browser_for(who)
    if form and "csrf_token" in form:
        form = {**form, "csrf_token": browser.token}

    answer, page = await browser.page(method, path, **({"form": form} if form else {}))

    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert score(page) >= ENOUGH, observatory.results(page)
    assert "secret" not in page.html


async def test_a_refusal_for_the_wrong_role_scores_as_high(site: SiteWithBooking) -> None:
    browser = await site.browser_for(Who.CLIENT)

    answer, page = await browser.page("GET", "/profile/hours")

    assert answer.status_code == 403
    assert score(page) >= ENOUGH


async def test_the_policy_of_a_page_is_exactly_this(site: SiteWithBooking) -> None:
    answer, html = await Browser(site.quart_app).look("/")

    nonce = tags(html, "script")[0]["nonce"]
    assert answer.headers["Content-Security-Policy"].split("; ") == [
        "default-src 'none'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "report-uri /csp-reports",
        f"script-src 'nonce-{nonce}' 'strict-dynamic' 'self'",
        "report-to csp",
    ]
    assert answer.headers["Reporting-Endpoints"] == 'csp="/csp-reports"'


async def test_the_payment_provider_is_allowed_on_the_checkout_page_only(
    site: SiteWithBooking,
) -> None:
    browser = Browser(site.quart_app)

    checkout, _ = await browser.look("/checkout/cashfree/session_123")
    others = [(await browser.look(path))[0] for path in ("/", "/developers", "/login")]

    policy = parsed(checkout.headers["Content-Security-Policy"])
    assert SCRIPT.removesuffix("/js/v3/cashfree.js") in policy["script-src"]
    assert "https://payments.cashfree.com" in policy["form-action"] & policy["frame-src"]
    assert all("cashfree" not in each.headers["Content-Security-Policy"] for each in others)


async def test_no_answer_can_be_framed_sniffed_or_shared(site: SiteWithBooking) -> None:
    visitor, client = await site.browser_for(), await site.browser_for(Who.CLIENT)
    for method, path, _ in site.routes(safe=True):
        for browser in (visitor, client):
            headers = (await browser.ask(method, path)).headers

            assert headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
            assert headers["X-Content-Type-Options"] == "nosniff", path
            assert headers["X-Frame-Options"] == "DENY", path
            assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin", path
            assert headers["Cross-Origin-Opener-Policy"] == "same-origin", path
            assert headers["Cross-Origin-Resource-Policy"] == "same-origin", path
            assert "camera=(self), microphone=(self)" in headers["Permissions-Policy"], path
            policy = parsed(headers["Content-Security-Policy"])
            assert policy["default-src"] == policy["object-src"] == {"'none'"}, path
            assert policy["base-uri"] == policy["frame-ancestors"] == {"'none'"}, path
            assert not any("unsafe" in source for source in policy.get("script-src", ())), path


async def test_a_site_on_plain_http_sends_no_hsts_header() -> None:
    site = await build_site_with_booking("http://localhost:8000")

    answer, _ = await Browser(site.quart_app).look("/")

    assert "Strict-Transport-Security" not in answer.headers
    assert "report-to" not in answer.headers["Content-Security-Policy"]


async def test_the_socket_servers_own_answers_carry_the_headers_too(site: SiteWithBooking) -> None:
    app = site.quart_app.extensions["dependencies"]
    sockets = create_sockets(LocalManager(), app.services, site=app.site, events=events_of(WEB))
    inner = socketio.ASGIApp(sockets.server, site.quart_app.asgi_app)
    site.quart_app.asgi_app = with_common_headers(inner, app.site)  # type: ignore[method-assign]

    _, page = await Browser(site.quart_app).page("GET", "/socket.io/?EIO=4&transport=polling")
    home, _ = await Browser(site.quart_app).look("/")

    assert page.headers["x-content-type-options"] == "nosniff"
    assert parsed(page.headers["content-security-policy"])["default-src"] == {"'none'"}
    assert "strict-transport-security" in page.headers
    assert "access-control-allow-origin" not in page.headers
    assert len(home.headers.getlist("Content-Security-Policy")) == 1


async def test_the_socket_server_accepts_our_own_origin_alone(site: SiteWithBooking) -> None:
    """Also behind a proxy that ends TLS and does not say so: the origin is looked at first, and
    what comes after it refuses these requests for another reason."""
    app = site.quart_app.extensions["dependencies"]
    sockets = create_sockets(LocalManager(), app.services, site=app.site, events=events_of(WEB))
    site.quart_app.asgi_app = socketio.ASGIApp(sockets.server)  # type: ignore[method-assign]

    async def answer_to(origin: str) -> str:
        path = "/socket.io/?EIO=4&transport=polling"
        answer = await Browser(site.quart_app).ask("GET", path, headers={"Origin": origin})
        return str(await answer.get_data(as_text=True))

    assert "Invalid transport" in await answer_to("https://onehour.test")
    for origin in ("https://evil.example", "https://onehour.test.evil.example", "null"):
        assert "not an accepted origin" in await answer_to(origin)


async def test_the_nonce_is_new_in_every_answer_and_on_every_script(site: SiteWithBooking) -> None:
    seen = list[str]()
    client = await site.browser_for(Who.CLIENT)
    for _, path, _ in site.routes(safe=True):
        answer, html = await client.look(path)
        scripts = tags(html, "script") if answer.mimetype == "text/html" else []
        if scripts:
            policy = answer.headers["Content-Security-Policy"]
            nonces = set(re.findall(r"'nonce-([\w-]{24})'", policy))
            assert len(nonces) == 1, path
            assert {tag.get("nonce") for tag in scripts} == nonces, path
            assert all("src" in tag or tag["type"] in DATA for tag in scripts), path
            seen += nonces

    assert len(seen) > 10
    assert len(set(seen)) == len(seen)


DATA = ("application/ld+json", "importmap")
"""Data for search engines, and names of modules: no browser runs them."""


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_has_no_script_or_style_in_the_page_itself(path: Path) -> None:
    html = path.read_text(encoding="utf-8")

    scripts = re.findall(r"<script\b[^>]*>(?!</script>)|<script\b(?![^>]*nonce=)[^>]*>", html)
    data = 'type="application/json"'
    assert [tag for tag in scripts if data not in tag] == []
    assert re.findall(r"<style\b|\sstyle=|\son[a-z]+=|\shx-on|javascript:", html) == []


async def test_no_page_has_a_handler_or_a_style_in_it(site: SiteWithBooking) -> None:
    client = await site.browser_for(Who.CLIENT)
    for _, path, _ in site.routes(safe=True):
        answer, html = await client.look(path)
        if answer.mimetype == "text/html" and path != CAUGHT_MAIL:
            names = {name for tag in tags(html) for name in tag}
            assert {name for name in names if name == "style" or name.startswith("on")} == set()


async def test_other_origins_are_never_allowed(site: SiteWithBooking) -> None:
    client = await site.browser_for(Who.CLIENT)
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    for safe in (True, False):
        for method, path, _ in site.routes(safe=safe):
            for asked in (method, "OPTIONS"):
                answer = await client.ask(asked, path, headers=headers)
                assert [n for n, _ in answer.headers if n.startswith("Access-Control")] == []


async def test_every_cookie_is_bound_to_the_host_and_hidden_from_scripts(
    site: SiteWithBooking,
) -> None:
    browser = await site.browser_for(Who.CLIENT)
    await browser.look("/account")
    await browser.ask("POST", "/logout", form={"csrf_token": browser.token})

    assert len(browser.set_cookies) == 4, "visitor, session, known device, and the removal"
    for line in browser.set_cookies:
        name, _, rest = line.partition("=")
        attributes = {part.strip().lower() for part in rest.split(";")[1:]}
        assert name.startswith("__Host-")
        assert {"secure", "path=/", "samesite=lax"} <= attributes
        assert not any(part.startswith("domain") for part in attributes)
    assert all("httponly" in line.lower() for line in browser.set_cookies[:2])


async def test_no_cache_stores_pages_of_signed_in_users(site: SiteWithBooking) -> None:
    private = [route for route in site.routes(safe=True) if route[2].who not in OPEN]
    await site.app.services.jobs.deliver(JobId(site.job_id), by=site.developer.id, note="Done.")

    assert len(private) > 15
    for method, path, access in private:
        answer = await (await site.browser_for(access)).ask(method, path)
        assert answer.status_code in (200, 303), path
        assert (path, answer.headers["Cache-Control"]) == (path, "no-store")


async def test_public_pages_of_a_signed_in_user_are_stored_by_no_cache(
    site: SiteWithBooking,
) -> None:
    client = await site.browser_for(Who.CLIENT)

    pages = [(await client.look(path))[0] for path in ("/", "/developers", "/rules")]

    assert [page.headers["Cache-Control"] for page in pages] == ["no-store"] * 3


async def test_files_of_the_site_may_be_kept_for_ever_by_their_mark(site: SiteWithBooking) -> None:
    browser = await site.browser_for(Who.CLIENT)

    marked = await browser.ask("GET", "/static/look.css?v=123")

    assert marked.headers["Cache-Control"] == "public, max-age=31536000, immutable"


async def test_the_style_sheet_is_one_and_is_not_sent_twice(site: SiteWithBooking) -> None:
    browser = await site.browser_for(Who.ANYONE)

    first = await browser.ask("GET", "/static/look.css")
    again = await browser.ask(
        "GET", "/static/look.css", headers={"If-None-Match": first.headers["ETag"]}
    )

    assert (first.status_code, first.mimetype) == (200, "text/css")
    assert first.headers["Cache-Control"] == "no-cache"
    sheet = await first.get_data(as_text=True)
    assert all(name in sheet for name in (".button", ".board", ".timeline", ".slots"))
    assert (again.status_code, await again.get_data()) == (304, b"")


async def test_the_files_of_a_capability_are_served_below_its_name(site: SiteWithBooking) -> None:
    browser = await site.browser_for(Who.ANYONE)

    found = await browser.ask("GET", "/static/developers/js/picker.js?v=1")
    outside = await browser.ask("GET", "/static/developers/..%2fpages.py")

    assert (found.status_code, found.mimetype) == (200, "text/javascript")
    assert found.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert outside.status_code == 404


async def test_static_files_are_no_part_of_the_api_description(site: SiteWithBooking) -> None:
    browser = await site.browser_for(Who.ANYONE)

    answer = await browser.ask("GET", "/api/v1/openapi.json")

    assert not [path for path in (await answer.get_json())["paths"] if "/static" in path]
