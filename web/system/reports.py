"""What browsers refused on our pages: one masked line in the log for each.

A line here is a mistake of ours, a browser's extension, or somebody's script that did not run
(OWASP ASVS 5.0, V3.4.7). Browsers send these by themselves, without the form's token; the two
content types are not among those another site's page may send without asking (Fetch, "CORS-
safelisted request-header"), and all a report does is a line in the log.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from urllib.parse import urlsplit

import orjson
from quart import Blueprint, Response, current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from web.shared.access import Who, allow
from web.shared.context import now, site
from web.shared.headers import REPORTS

log = logging.getLogger(__name__)
blueprint = Blueprint("reports", __name__, template_folder="templates")

TYPES = {"application/csp-report", "application/reports+json"}
LARGEST = 64 * 1024
"""Bytes of one request."""
LINES_A_MINUTE = 30
"""Of one process; what is more is counted and dropped, so nobody can fill the log."""
WORD = re.compile(r"[a-z-]{1,40}", re.ASCII)
ORIGIN = re.compile(r"[a-z][a-z0-9+.-]{0,20}://[a-z0-9.:\[\]-]{1,253}", re.ASCII)


@dataclass(slots=True)
class Allowance:
    """Lines written in the minute that `began`, and what was dropped in it."""

    began: datetime
    written: int = 0
    dropped: int = 0

    def takes(self, moment: datetime) -> bool:
        if moment - self.began >= timedelta(minutes=1):
            if self.dropped:
                log.warning("%d more reports of browsers were dropped", self.dropped)
            self.began, self.written, self.dropped = moment, 0, 0
        if self.written >= LINES_A_MINUTE:
            self.dropped += 1
            return False
        self.written += 1
        return True


@blueprint.post(REPORTS)
@allow(Who.ANYONE, cookies=False)
async def collect() -> Response:
    """204 for what was a report, also when it was dropped; 400, 413 or 415 for what was none."""
    if request.mimetype not in TYPES:
        return Response(status=415)
    body = await _body()
    if body is None:
        return Response(status=413)
    try:
        told = orjson.loads(body)
    except ValueError:
        return Response(status=400)
    for violation in _violations(told):
        if _allowance().takes(now()):
            log.warning("a browser refused %s", _line(violation))
    return Response(status=204)


async def _body() -> bytes | None:
    """None when it is too large; what comes after that is not kept."""
    body = b""
    async for part in request.body:
        body += part
        if len(body) > LARGEST:
            return None
    return body


def _allowance() -> Allowance:
    known = current_app.extensions.setdefault("csp_reports", Allowance(now()))
    return cast(Allowance, known)


def _violations(told: object) -> Iterator[Mapping[str, object]]:
    """The two shapes there are: of `report-uri` (CSP 2) and of the Reporting API, a list."""
    for one in told if isinstance(told, list) else [told]:
        if isinstance(one, dict):
            found = one.get("body") if one.get("type") == "csp-violation" else one.get("csp-report")
            if isinstance(found, dict):
                yield found


def _line(violation: Mapping[str, object]) -> str:
    def said(*names: str) -> str:
        return next((v for n in names if isinstance(v := violation.get(n), str) and v), "")

    directive = said("effectiveDirective", "effective-directive", "violated-directive")
    page = _masked(said("documentURL", "document-uri"))
    blocked = _masked(said("blockedURL", "blocked-uri"))
    source = _masked(said("sourceFile", "source-file"))
    word = WORD.match(directive)
    return f"{blocked} by {word[0] if word else '?'} on {page}, from {source}"


def _masked(address: str) -> str:
    """Of our own addresses the route, of others the origin, of 'inline' or 'eval' the word: no
    ids, no queries, nothing that could forge a second line."""
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
        return "an address without a route"
    return str(rule.rule)
