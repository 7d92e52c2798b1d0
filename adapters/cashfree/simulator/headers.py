"""What browsers are told about the simulator's answers, as strictly as a payment page should."""

from __future__ import annotations

import re

from quart import Response, request

from adapters.cashfree.simulator.context import context

NOTHING = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
ORIGIN = re.compile(r"https?://[a-z0-9.:\[\]-]+(?=[/?#]|$)", re.ASCII | re.IGNORECASE)
TWO_YEARS = "max-age=63072000; includeSubDomains"


async def protect(response: Response) -> Response:
    """On every answer; a page's own policy stays."""
    response.headers.setdefault("Content-Security-Policy", f"{NOTHING}; form-action 'none'")
    for name, value in ALWAYS.items():
        response.headers[name] = value
    # Shops of other origins load the script; that is what it is for.
    shared = request.endpoint == "checkout.script"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin" if shared else "same-origin"
    if context().settings.public_url.startswith("https://"):
        response.headers["Strict-Transport-Security"] = TWO_YEARS
    return response


def page_policy(back: object) -> str:
    """A page takes its style from here, and its form leads here and then back to the shop.

    Browsers hold a form to `form-action` through the redirects that follow, too.
    """
    addresses = (context().settings.public_url, back)
    origins = sorted({origin for address in addresses if (origin := _origin(address))})
    return f"{NOTHING}; style-src 'self'; form-action 'self' {' '.join(origins)}"


def _origin(address: object) -> str | None:
    """A merchant writes the address: what could be read as more than an origin is left out."""
    found = ORIGIN.match(address) if isinstance(address, str) else None
    return found[0] if found else None
