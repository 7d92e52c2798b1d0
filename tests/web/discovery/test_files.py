"""Files of fixed names that crawlers, browsers and password managers ask for."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from io import BytesIO

from PIL import Image
from quart import Quart

from tests.app import MONDAY, SUPPORT, MemoryApp
from tests.web.site import URL, Browser, app_of

SECURITY = "/.well-known/security.txt"


def site_of(app: MemoryApp, *, support: str = SUPPORT) -> Quart:
    quart_app = app_of(app)
    dependencies = quart_app.extensions["dependencies"]
    site = replace(dependencies.site, support_email=support)
    quart_app.extensions["dependencies"] = replace(dependencies, site=site)
    return quart_app


async def test_robots_are_led_to_the_sitemap_and_kept_from_what_needs_a_log_in(
    app: MemoryApp,
) -> None:
    answer, text = await Browser(site_of(app)).look("/robots.txt")

    assert answer.mimetype == "text/plain"
    lines = text.splitlines()
    assert lines[:3] == ["User-agent: *", "Allow: /api/v1/docs", "Disallow: /api/"]
    assert f"Sitemap: {URL}/sitemap.xml" in lines
    assert {"Disallow: /account", "Disallow: /admin", "Disallow: /bookings"} <= set(lines)
    assert not {"Disallow: /", "Disallow: /developers", "Disallow: /login"} & set(lines)
    assert not {"Disallow: /static", "Disallow: /link-previews"} & set(lines)


async def test_the_manifest_names_icons_of_the_sizes_it_says(app: MemoryApp) -> None:
    browser = Browser(site_of(app))
    answer, text = await browser.look("/manifest.webmanifest")
    _, html = await browser.look("/")

    manifest = json.loads(text)
    assert answer.mimetype == "application/manifest+json"
    assert manifest["start_url"] == "/"
    assert '<link rel="manifest" href="/manifest.webmanifest">' in html
    pictures = [each for each in manifest["icons"] if each["type"] == "image/png"]
    for icon in pictures:
        served = await browser.ask("GET", icon["src"])
        size = Image.open(BytesIO(await served.get_data(as_text=False))).size
        assert f"{size[0]}x{size[1]}" == icon["sizes"]
        assert "immutable" in served.headers["Cache-Control"]
    assert [each["sizes"] for each in pictures] == ["192x192", "512x512", "512x512"]


async def test_vulnerabilities_are_reported_to_the_support(app: MemoryApp) -> None:
    answer, text = await Browser(site_of(app)).look(SECURITY)

    fields = dict(line.split(": ", 1) for line in text.splitlines())
    assert answer.content_type == "text/plain; charset=utf-8"
    assert fields["Contact"] == f"mailto:{SUPPORT}"
    assert fields["Canonical"] == f"{URL}{SECURITY}"
    expires = datetime.fromisoformat(fields["Expires"])
    assert 90 < (expires - MONDAY).days < 365


async def test_without_an_address_of_support_there_is_no_security_file(app: MemoryApp) -> None:
    answer, _ = await Browser(site_of(app, support="")).look(SECURITY)

    assert answer.status_code == 404


async def test_password_managers_are_led_to_the_page_of_the_password(app: MemoryApp) -> None:
    answer, _ = await Browser(site_of(app)).look("/.well-known/change-password")

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/account/security/password"


async def test_an_unchanged_file_is_not_sent_again(app: MemoryApp) -> None:
    browser = Browser(site_of(app))
    for path in ("/robots.txt", "/manifest.webmanifest", SECURITY, "/sitemap.xml"):
        first, _ = await browser.look(path)
        again = await browser.ask("GET", path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, first.headers.get("Set-Cookie")) == (304, None), path
