"""Security headers of every response, among them the Content-Security-Policy.

Scripts need the nonce of their page and may load further scripts (`strict-dynamic`); injected
scripts do not have the nonce. Browsers report violations to `web/system/reports.py`. Sources:
OWASP ASVS 5.0, V3.4; CSP Level 3.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, MutableMapping, Sequence
from functools import cache
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
"""For responses that are no pages: nothing is loaded if a browser shows one as a page."""
SCRIPT_POLICY = {**NO_SOURCES, "script-src": "'self'"}
"""For scripts: a worker has the policy of its own file, and imports others."""
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
POLICY = "Content-Security-Policy"
FILES = frozenset({"static", "checkout.module"})
"""Endpoints of files whose URL contains a hash of their content."""
TWO_YEARS = "max-age=63072000; includeSubDomains"
"""Without `preload`: it adds the whole domain to the lists of browsers, which is hard to undo and
the decision of the operator (hstspreload.org/#opt-in)."""

Asgi = Callable[[Any, Any, Any], Any]
Line = tuple[bytes, bytes]


def install(app: Quart) -> None:
    app.after_request(add_headers)


async def add_headers(response: Response) -> Response:
    """Those that depend on the answer or the request; `completed` adds the others."""
    headers = response.headers
    kind = response.mimetype
    if kind == "text/html":
        if response.status_code != 304:  # the stored page has the nonce of its own
            headers.setdefault(POLICY, _page_policy())
        if site().secure:
            headers["Reporting-Endpoints"] = f'csp="{REPORTS}"'
        headers.setdefault("Cache-Control", "private, no-cache")  # pages depend on the viewer
    elif kind == "text/javascript":
        headers.setdefault(POLICY, policy_header(SCRIPT_POLICY))
    if request.endpoint in FILES:
        cached = "public, max-age=31536000, immutable" if request.args.get("v") else "no-cache"
        headers["Cache-Control"] = cached
    return response


def completed(
    lines: Sequence[Line], where: Site, *, without: frozenset[bytes] = frozenset()
) -> list[Line]:
    """The lines of an answer, with the common headers that are missing, prepared once."""
    present = {name.lower() for name, _ in lines} | without
    return [*lines, *(line for line in _common_lines(where.secure) if line[0] not in present)]


@cache
def _common_lines(secure: bool) -> tuple[Line, ...]:
    wanted = {
        **COMMON_HEADERS,
        **({"Strict-Transport-Security": TWO_YEARS} if secure else {}),
        POLICY: policy_header(NO_SOURCES),
    }
    return tuple((name.lower().encode(), value.encode()) for name, value in wanted.items())


def with_common_headers(inner: Asgi, where: Site) -> Any:
    """ASGI middleware for the socket server: adds the same headers where they are missing."""

    async def middleware(scope: Any, receive: Any, send: Any) -> None:
        async def send_with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = completed(message.get("headers", ()), where)
            await send(message)

        await inner(scope, receive, send_with_headers if scope["type"] == "http" else send)

    return middleware


def nonce() -> str:
    """The CSP nonce of this response: 144 random bits."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(18)
    return cast(str, g.nonce)


def allow_source(directive: str, sources: str) -> None:
    """Add sources to the policy of this page, for example `also_from("connect-src", "wss://…")`.

    `directive` is a CSP directive; `sources` are origins, separated by spaces.
    """
    g.setdefault("allowed_sources", []).append((directive, sources))


def _page_policy() -> str:
    # Browsers with `strict-dynamic` ignore 'self' and origins; older ones need them.
    policy = {**PAGE_POLICY, "script-src": f"'nonce-{nonce()}' 'strict-dynamic' 'self'"}
    if site().secure:  # requires HTTPS; browsers then ignore `report-uri`
        policy["report-to"] = "csp"
    for directive, sources in g.get("allowed_sources", ()):
        before = policy.get(directive, "").replace("'none'", "")
        policy[directive] = f"{before} {sources}".strip()
    return policy_header(policy)


def policy_header(policy: dict[str, str]) -> str:
    """The value of the header Content-Security-Policy."""
    return "; ".join(f"{name} {value}" for name, value in policy.items())
