"""No redirect leaves the site, whatever path, `Host`, form field or query asks for it."""

from __future__ import annotations

import re
from typing import Any, cast
from urllib.parse import quote, urljoin, urlsplit

import httpx
import pytest
from quart import Blueprint, redirect
from quart.typing import ResponseReturnValue

from onehour.testing.browser import HOST
from tests.web.route_samples import all_samples
from tests.web.site import URL, Browser, SiteWithBooking, build_site_with_booking
from web.shared.access import Who, allow
from web.shared.capabilities import WebCapability
from web.shared.redirects import leave_site

EVIL = "evil.example"
TARGETS = (
    f"https://{EVIL}/", f"//{EVIL}", f"///{EVIL}", f"/\\{EVIL}", f"\\\\{EVIL}", f"/\t/{EVIL}",
    f"https:{EVIL}", f"https:/{EVIL}", f"{EVIL}", "javascript:alert(1)", f"/\r\nLocation: //{EVIL}",
    f"{URL}.{EVIL}/", f"{URL}@{EVIL}/", f"{URL}:443@{EVIL}/", f" //{EVIL}", f"/\x00/{EVIL}",
)  # fmt: skip
SOME_TARGETS = TARGETS[:6:2] + TARGETS[3:4] + TARGETS[-1:]
"""For tests that ask every route."""
PATHS = (
    f"//{EVIL}", f"//{EVIL}/", f"//{EVIL}/%2f..", f"///{EVIL}//a", f"/%2f/{EVIL}", f"/\\{EVIL}",
    f"/%5c{EVIL}", f"//developers//{EVIL}?a=//{EVIL}", "//login", "//login?next=/x", "/login/",
    "//", f"//{EVIL}:443//login", f"/%09//{EVIL}", f"//login/{EVIL}//", f"/static//{EVIL}/",
)  # fmt: skip
HOSTS = (HOST, EVIL, f"{EVIL}:8443", f"{HOST}.{EVIL}", f"{HOST}@{EVIL}", "a" * 300, "")


def leaves(target: str | None) -> bool:
    """Whether this `Location` takes a browser on our site to another one."""
    if target is None:
        return False
    seen = re.sub("[\t\r\n]", "", target).strip().replace("\\", "/")
    return urlsplit(urljoin(f"{URL}/some/page", seen))[:2] != urlsplit(URL)[:2]


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


@pytest.mark.parametrize("host", HOSTS)
async def test_no_path_leads_away_whatever_host_the_request_names(
    site: SiteWithBooking, host: str
) -> None:
    found = []
    transport = httpx.ASGITransport(app=cast(Any, site.quart_app))
    async with httpx.AsyncClient(transport=transport) as client:
        for path in PATHS:  # the test client of Quart would read `//` as a host
            url = httpx.URL(URL).copy_with(raw_path=path.encode())
            answer = await client.get(url, headers={"Host": host})
            found.append(answer.headers.get("Location"))

            assert not leaves(found[-1]), (path, found[-1])
            assert answer.status_code < 500, path
            assert f"{EVIL}:8443" not in answer.text
            assert f"https://{EVIL}" not in answer.text

    assert f"{URL}/developers/{EVIL}?a=//{EVIL}" in found


async def test_no_route_redirects_to_an_address_from_its_query(site: SiteWithBooking) -> None:
    redirected = 0
    browsers = {
        access.who: await site.browser_for(access) for _, _, access in site.routes(safe=True)
    }
    for method, path, access in site.routes(safe=True):
        for browser in (Browser(site.quart_app), browsers[access.who]):
            for target in SOME_TARGETS:
                query = dict.fromkeys(("next", "back", "return", "url"), target)
                answer = await browser.ask(method, path, query_string=query)
                location = answer.headers.get("Location")
                redirected += location is not None

                assert not leaves(location), (path, target, location)

    assert redirected > 50


async def test_no_form_redirects_to_an_address_from_its_fields() -> None:
    redirected = 0
    for rule, access in list((await build_site_with_booking()).rules()):
        sent = all_samples().bodies.get(rule.endpoint)
        form = sent.get("form", {}) if isinstance(sent, dict) else {}
        if "POST" not in (rule.methods or ()) or rule.rule.startswith("/api/"):
            continue
        site = await build_site_with_booking()
        browser = await site.browser_for(access)
        for target in SOME_TARGETS:
            more = dict.fromkeys(("next", "back", "return", "return_url"), target)
            answer = await browser.ask(
                "POST",
                site.path(rule),
                form={**form, **more, "csrf_token": browser.token},
                headers={"Referer": f"https://{EVIL}/{quote(target)}"},
            )
            location = answer.headers.get("Location")
            redirected += location is not None

            assert not leaves(location), (rule.rule, target, location)

    assert redirected > 50


@pytest.mark.parametrize("target", TARGETS[:8])
async def test_a_route_that_would_redirect_away_does_not(
    target: str, caplog: pytest.LogCaptureFixture
) -> None:
    pages = Blueprint("careless", __name__)

    @pages.get("/careless")
    @allow(Who.ANYONE)
    async def careless() -> ResponseReturnValue:
        return redirect(target)

    record = WebCapability(name="careless", pages=(pages,))
    site = await build_site_with_booking(added=(record,))

    answer = await Browser(site.quart_app).ask("GET", "/careless")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert EVIL not in await answer.get_data(as_text=True)
    assert "GET /careless did not redirect to another site" in caplog.text


async def test_a_route_can_name_the_other_site_it_redirects_to() -> None:
    pages = Blueprint("partner", __name__)

    @pages.get("/partner")
    @allow(Who.ANYONE)
    async def partner() -> ResponseReturnValue:
        return leave_site("https://partner.example/authorise?to=ü")

    record = WebCapability(name="partner", pages=(pages,))
    site = await build_site_with_booking(added=(record,))

    answer = await Browser(site.quart_app).ask("GET", "/partner")

    assert answer.headers["Location"].startswith("https://partner.example/authorise?to=")
