"""Headers every answer carries: what a browser may run, load, frame, sniff and tell others.

Scripts run by the nonce of their page and by nothing else, and may bring further ones
(`strict-dynamic`); nothing written into a page by a stranger has it. What a browser refuses,
it reports to `web/system/reports.py`. Sources: OWASP ASVS 5.0, V3.4; CSP Level 3.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, MutableMapping
from typing import Any, cast

from quart import Quart, Response, g, request

from web.shared.context import Site, site

REPORTS = "/csp-reports"
NO_SOURCES = {
    "default-src": "'none'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
"""What is no page loads nothing; should a browser be led to show it as one, it stays bare."""
PAGE_POLICY = {
    **NO_SOURCES,
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "manifest-src": "'self'",
    "report-uri": REPORTS,
}
COMMON_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(), payment=()",
}
FILES = frozenset({"static", "checkout.module"})
"""Endpoints of files whose address carries a mark of their content."""
TWO_YEARS = "max-age=63072000; includeSubDomains"
"""Without `preload`: that word hands the whole domain to the browsers' lists, years to undo, and
is the operator's to say (hstspreload.org/#opt-in)."""

Asgi = Callable[[Any, Any, Any], Any]


def install(app: Quart) -> None:
    app.after_request(add_headers)


async def add_headers(response: Response) -> Response:
    headers = response.headers
    is_page = response.mimetype == "text/html"
    policy = _page_policy() if is_page else policy_header(NO_SOURCES)
    headers.setdefault("Content-Security-Policy", policy)
    for name, value in common_headers(site()).items():
        headers[name] = value
    if is_page:
        if site().secure:
            headers["Reporting-Endpoints"] = f'csp="{REPORTS}"'
        headers.setdefault("Cache-Control", "private, no-cache")  # zone and navigation are yours
    if request.endpoint in FILES:
        cached = "public, max-age=31536000, immutable" if request.args.get("v") else "no-cache"
        headers["Cache-Control"] = cached
    return response


def common_headers(where: Site) -> dict[str, str]:
    """What does not depend on the answer."""
    return (
        {**COMMON_HEADERS, "Strict-Transport-Security": TWO_YEARS}
        if where.secure
        else COMMON_HEADERS
    )


def with_common_headers(inner: Asgi, where: Site) -> Any:
    """For what answers beside the site (the socket server): the same headers, where missing."""
    wanted = {**common_headers(where), "Content-Security-Policy": policy_header(NO_SOURCES)}
    lines = [(name.lower().encode(), value.encode()) for name, value in wanted.items()]

    async def answered(scope: Any, receive: Any, send: Any) -> None:
        async def sent(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                there = list(message.get("headers", ()))
                names = {bytes(name).lower() for name, _ in there}
                message["headers"] = there + [line for line in lines if line[0] not in names]
            await send(message)

        await inner(scope, receive, sent if scope["type"] == "http" else send)

    return answered


def nonce() -> str:
    """The word that lets the scripts of this very answer run: 144 random bits."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(18)
    return cast(str, g.nonce)


def allow_source(directive: str, sources: str) -> None:
    """This page may load from further places, for example `also_from("connect-src", "wss://…")`.

    `directive` is one of CSP's; `sources` are origins, separated by blanks.
    """
    g.setdefault("also_from", []).append((directive, sources))


def _page_policy() -> str:
    # Browsers that know `strict-dynamic` overlook 'self' and origins, older ones need them.
    policy = {**PAGE_POLICY, "script-src": f"'nonce-{nonce()}' 'strict-dynamic' 'self'"}
    if site().secure:  # browsers take endpoints over https alone, and then overlook `report-uri`
        policy["report-to"] = "csp"
    for directive, sources in g.get("also_from", ()):
        before = policy.get(directive, "").replace("'none'", "")
        policy[directive] = f"{before} {sources}".strip()
    return policy_header(policy)


def policy_header(policy: dict[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in policy.items())
