"""Files of fixed names: robots.txt, the web app manifest, and those below `/.well-known/`."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import orjson
from quart import Blueprint, Response, current_app, redirect, request, url_for
from quart.typing import ResponseReturnValue

from core.errors import NotFound
from services.shared.templates import mail_url
from web.discovery.head import absolute
from web.shared.access import Who, access_of, allow
from web.shared.assets import asset
from web.shared.context import now, site
from web.shared.cookies import SAFE

blueprint = Blueprint("well_known", __name__)

DAY = "public, max-age=86400"
SECURITY_LIFE = timedelta(days=180)
"""RFC 9116, section 2.5.5, recommends less than a year."""
API_PREFIX = "/api/"
TEAL, WHITE = "#0b5563", "#ffffff"


@blueprint.get("/robots.txt")
@allow(Who.ANYONE, cookies=False)
async def robots() -> Response:
    """Crawlers are kept from paths where every page needs a log-in, and from the API. Public pages
    that should not be listed say so themselves (`noindex`), which needs that they are read."""
    lines = ["User-agent: *", f"Allow: {url_for('reference.show')}", f"Disallow: {API_PREFIX}"]
    lines += [f"Disallow: {path}" for path in closed_paths()]
    lines += ["", f"Sitemap: {absolute(url_for('sitemaps.index'))}", ""]
    return await _cached("\n".join(lines), "text/plain; charset=utf-8")


def closed_paths() -> list[str]:
    """The first parts of the paths below which no page is for everybody, those of plugins too."""
    closed, open_ = set[str](), set[str]()
    for rule in current_app.url_map.iter_rules():
        first = "/" + rule.rule.split("/")[1]
        if not (rule.methods or set()) & SAFE or "<" in first:
            continue
        access = access_of(current_app, rule.endpoint)
        (open_ if access and access.who is Who.ANYONE else closed).add(first)
    return sorted(closed - open_)


@blueprint.get("/manifest.webmanifest")
@allow(Who.ANYONE, cookies=False)
async def manifest() -> Response:
    """The name and icons for a home screen (W3C Web Application Manifest)."""
    content = {
        "id": "/",
        "name": "1HourDeveloper",
        "short_name": "1HourDev",
        "description": "Book a developer by the hour.",
        "lang": "en",
        "start_url": "/",
        "scope": "/",
        "display": "minimal-ui",
        "background_color": WHITE,
        "theme_color": TEAL,
        "icons": [
            {"src": asset("favicon.svg"), "type": "image/svg+xml", "sizes": "any"},
            _icon("icon-192.png", 192),
            _icon("icon-512.png", 512),
            {**_icon("icon-maskable-512.png", 512), "purpose": "maskable"},
        ],
    }
    return await _cached(orjson.dumps(content).decode(), "application/manifest+json")


def _icon(name: str, size: int) -> dict[str, str]:
    path = asset(f"discovery/{name}")
    return {"src": path, "type": "image/png", "sizes": f"{size}x{size}"}


@blueprint.get("/.well-known/security.txt")
@allow(Who.ANYONE, cookies=False)
async def security() -> Response:
    """Where to report a vulnerability (RFC 9116). Not found without an address of support."""
    if not site().support_email:
        raise NotFound
    today = datetime.combine(now().date(), time(), UTC)
    lines = (
        f"Contact: {mail_url(site().support_email)}",
        f"Expires: {(today + SECURITY_LIFE).strftime('%Y-%m-%dT%H:%M:%SZ')}",
        "Preferred-Languages: en",
        f"Canonical: {absolute(url_for('.security'))}",
        "",
    )
    return await _cached("\n".join(lines), "text/plain; charset=utf-8")


@blueprint.get("/.well-known/change-password")
@allow(Who.ANYONE, cookies=False)
async def change_password() -> ResponseReturnValue:
    """Password managers open the page by this address (W3C, A Well-Known URL for Changing
    Passwords)."""
    return redirect(url_for("security.password"))


async def _cached(content: str, content_type: str) -> Response:
    response = Response(content, content_type=content_type)
    response.headers["Cache-Control"] = DAY
    await response.add_etag()
    await response.make_conditional(request)
    return response
