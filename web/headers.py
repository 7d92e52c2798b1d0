"""Headers every answer carries: what a browser may load, frame, sniff and tell others."""

from __future__ import annotations

from urllib.parse import urlsplit

from quart import Quart, Response, g, request

from web.context import site

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "manifest-src": "'self'",
}
CASHFREE_FRAMES = (
    "https://sdk.cashfree.com https://api.cashfree.com https://sandbox.cashfree.com "
    "https://payments.cashfree.com https://payments-test.cashfree.com"
)


def install(app: Quart) -> None:
    app.after_request(protect)


async def protect(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", _csp())
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(self), microphone=(self), geolocation=(), payment=()"
    if site().secure:
        headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains; preload"
    if response.mimetype == "text/html":
        headers.setdefault("Cache-Control", "private, no-cache")  # zone and navigation are yours
    if request.endpoint == "static":
        cached = "public, max-age=31536000, immutable" if request.args.get("v") else "no-cache"
        headers["Cache-Control"] = cached
    return response


def allow_checkout() -> None:
    """This page may load the payment provider's script and hand the browser over to it."""
    g.checkout_page = True


def _csp() -> str:
    policy = dict(POLICY)
    page = site().checkout
    if g.get("checkout_page") and page and page.script.startswith("http"):
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(page.script))
        policy["script-src"] += f" {origin}"
        policy["connect-src"] += f" {CASHFREE_FRAMES}"
        policy["frame-src"] = CASHFREE_FRAMES
        policy["form-action"] += f" {CASHFREE_FRAMES}"
    return "; ".join(f"{name} {value}" for name, value in policy.items())
