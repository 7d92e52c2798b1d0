"""Security headers of the simulator, as strict as those of a payment page."""

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
    """Set them on every response; the policy of a page is not replaced."""
    response.headers.setdefault("Content-Security-Policy", f"{NOTHING}; form-action 'none'")
    for name, value in ALWAYS.items():
        response.headers[name] = value
    # Merchants load the script from other origins.
    shared = request.endpoint == "checkout.script"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin" if shared else "same-origin"
    if context().settings.public_url.startswith("https://"):
        response.headers["Strict-Transport-Security"] = TWO_YEARS
    return response


def page_policy(back: object) -> str:
    """The CSP of a page: its own styles, and a form that redirects to the merchant at `back`.

    Browsers apply `form-action` to the redirects of a form, too.
    """
    addresses = (context().settings.public_url, back)
    origins = sorted({origin for address in addresses if (origin := _origin(address))})
    return f"{NOTHING}; style-src 'self'; form-action 'self' {' '.join(origins)}"


def _origin(address: object) -> str | None:
    """The origin of a URL; None for others, because the URL is input of the merchant."""
    found = ORIGIN.match(address) if isinstance(address, str) else None
    return found[0] if found else None
