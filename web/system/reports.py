"""Reports of CSP violations from browsers: one masked line in the log for each.

The cause is an error in a page, a browser extension, or an injected script that was blocked (OWASP
ASVS 5.0, V3.4.7). Browsers send reports without a CSRF token. Pages of other sites cannot send the
two content types without a preflight request (Fetch, "CORS-safelisted request-header"), and a
report only adds a line to the log.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from typing import cast
from urllib.parse import urlsplit

import orjson
from quart import Blueprint, Response, current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from web.shared.access import Who, allow
from web.shared.context import now, site
from web.shared.headers import REPORTS
from web.shared.log_allowance import LogAllowance

log = logging.getLogger(__name__)
blueprint = Blueprint("reports", __name__, template_folder="templates")

TYPES = {"application/csp-report", "application/reports+json"}
LARGEST = 64 * 1024
"""Bytes of one request."""
WORD = re.compile(r"[a-z-]{1,40}", re.ASCII)
ORIGIN = re.compile(r"[a-z][a-z0-9+.-]{0,20}://[a-z0-9.:\[\]-]{1,253}", re.ASCII)


@blueprint.post(REPORTS)
@allow(Who.ANYONE, cookies=False)
async def collect() -> Response:
    """204 for a report, also when it was dropped; 400, 413 or 415 for other requests."""
    if request.mimetype not in TYPES:
        return Response(status=415)
    body = await _body()
    if body is None:
        return Response(status=413)
    try:
        report = orjson.loads(body)
    except ValueError:
        return Response(status=400)
    for violation in _violations(report):
        if _allowance().allows(now()):
            log.warning("a browser blocked %s", _line(violation))
    return Response(status=204)


async def _body() -> bytes | None:
    """The body, or None when it is larger than `LARGEST` bytes."""
    body = b""
    async for part in request.body:
        body += part
        if len(body) > LARGEST:
            return None
    return body


def _allowance() -> LogAllowance:
    fresh = LogAllowance("CSP reports", began=now())
    return cast(LogAllowance, current_app.extensions.setdefault("csp_reports", fresh))


def _violations(report: object) -> Iterator[Mapping[str, object]]:
    """Both formats: of `report-uri` (CSP 2), and the list of the Reporting API."""
    for one in report if isinstance(report, list) else [report]:
        if isinstance(one, dict):
            found = one.get("body") if one.get("type") == "csp-violation" else one.get("csp-report")
            if isinstance(found, dict):
                yield found


def _line(violation: Mapping[str, object]) -> str:
    def value(*names: str) -> str:
        return next((v for n in names if isinstance(v := violation.get(n), str) and v), "")

    directive = value("effectiveDirective", "effective-directive", "violated-directive")
    page = _masked(value("documentURL", "document-uri"))
    blocked = _masked(value("blockedURL", "blocked-uri"))
    source = _masked(value("sourceFile", "source-file"))
    name = WORD.match(directive)
    return f"{blocked} by {name[0] if name else '?'} on {page}, from {source}"


def _masked(address: str) -> str:
    """The route of a URL of this site, the origin of another URL, or a keyword such as 'inline':
    no ids, no queries, and nothing that could forge a line of the log."""
    if WORD.fullmatch(address):
        return address
    try:
        parts = urlsplit(address)
    except ValueError:
        return "?"
    origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()
    if origin in (site().base_url, f"{request.scheme}://{request.host}"):
        return _route(parts.path)
    return origin if ORIGIN.fullmatch(origin) else "?"


def _route(path: str) -> str:
    try:
        rule, _ = current_app.url_map.bind("").match(path or "/", "GET", return_rule=True)
    except (HTTPException, RequestRedirect):
        return "an unknown route"
    return str(rule.rule)
