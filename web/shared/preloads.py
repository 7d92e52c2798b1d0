"""Files that a browser fetches before it has read a page: the header `Link` of pages.

A browser that gets the header with the page starts these files before it parses anything. Proxies
and content delivery networks that send 103 Early Hints (RFC 8297) read the same header: they send
it again with the next page, before the application has answered.
"""

from __future__ import annotations

from typing import cast

from markupsafe import Markup
from quart import Quart, Response, g, request

from web.shared.assets import BUNDLE, asset

FONT = "vendor/archivo/files/archivo-latin-wght-normal.woff2"


def install(app: Quart) -> None:
    app.after_request(add_preloads)


def style_sheet() -> Markup:
    """The tag of the style sheet. The header of this page names the sheet and its font."""
    sheet = asset(BUNDLE)
    g.preloads = [
        f"<{sheet}>; rel=preload; as=style",
        f"<{asset(FONT)}>; rel=preload; as=font; type=font/woff2; crossorigin",
    ]
    return page_sheet(BUNDLE)


def page_sheet(path: str) -> Markup:
    """The tag of a style sheet that one page has beside the common one, by its path below
    `/static/`. Its rules are in `@layer components`, as in all sheets."""
    return Markup('<link rel="stylesheet" href="{}">').format(asset(path))


async def add_preloads(response: Response) -> Response:
    """Add the header to a page that is shown as a whole, not to one that htmx takes parts of."""
    preloads = cast(list[str], g.get("preloads", []))
    if preloads and "HX-Request" not in request.headers:
        response.headers["Link"] = ", ".join(preloads)
    return response
