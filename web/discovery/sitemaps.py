"""The sitemap: an index, the fixed pages, and the published profiles in parts (sitemaps.org)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import escape
from quart import Blueprint, Response, request, url_for

from web.discovery.head import absolute
from web.shared.access import Who, allow
from web.shared.context import services

blueprint = Blueprint("sitemaps", __name__)

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
HOUR = "public, max-age=3600"
PAGES: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("home.show", {}),
    ("developers.index", {}),
    ("home.rules", {}),
    ("site_pages.help", {}),
    ("site_pages.terms", {}),
    ("site_pages.privacy", {}),
    ("accounts.choose", {}),
    ("accounts.sign_up", {"role": "client"}),
    ("accounts.sign_up", {"role": "developer"}),
    ("sessions.log_in", {}),
    ("reference.show", {}),
)
"""The fixed pages that search engines may list."""


@blueprint.get("/sitemap.xml")
@allow(Who.ANYONE, cookies=False)
async def index() -> Response:
    """One estimate of the number of profiles, which is kept for some minutes."""
    parts = await services().discovery.parts()
    addresses = [url_for(".pages")]
    addresses += [url_for(".developers", parts=parts, part=n) for n in range(parts)]
    return await _xml("sitemapindex", "sitemap", addresses)


@blueprint.get("/sitemaps/pages.xml")
@allow(Who.ANYONE, cookies=False)
async def pages() -> Response:
    return await _xml("urlset", "url", [url_for(name, **values) for name, values in PAGES])


@blueprint.get("/sitemaps/<int:parts>-<int:part>.xml")
@allow(Who.ANYONE, cookies=False)
async def developers(parts: int, part: int) -> Response:
    """One range of an index, of about a thousand profiles."""
    ids = await services().discovery.part(part, parts=parts)
    return await _xml(
        "urlset", "url", [url_for("developers.show", developer_id=each) for each in ids]
    )


async def _xml(root: str, item: str, paths: Iterable[str]) -> Response:
    items = "".join(f"<{item}><loc>{escape(absolute(path))}</loc></{item}>\n" for path in paths)
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{NAMESPACE}">\n{items}</{root}>\n'
    )
    response = Response(text, content_type="application/xml; charset=utf-8")
    response.headers["Cache-Control"] = HOUR
    await response.add_etag()
    await response.make_conditional(request)
    return response
