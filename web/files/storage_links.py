"""Links of a storage without a server of its own: bytes up and down, in pieces.

The token in the path is the permission, so these routes know no cookies. Whatever a file contains,
a browser does not run it here: it is an attachment, its type is never an active one, and it would
be in a sandbox.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from quart import Blueprint, Response, request
from werkzeug.exceptions import RequestTimeout
from werkzeug.http import parse_range_header

from ports.storage_links import LINK_PATH
from services.files import Found
from web.shared.access import Who, allow
from web.shared.context import services, site
from web.shared.streamed_bodies import longest_s

blueprint = Blueprint("storage", __name__)

PREFIX = f"{LINK_PATH}/"
SANDBOX = "default-src 'none'; sandbox"
NOT_KEPT = "no-store, no-transform"


@dataclass(frozen=True, slots=True)
class Part:
    """A range of a file: `length` bytes from `start` on."""

    start: int
    length: int
    whole: bool


@blueprint.after_request
async def allow_own_pages(response: Response) -> Response:
    """Let scripts of our pages send files also to the host for files (CORS)."""
    if request.headers.get("Origin") == site().base_url:
        response.headers["Access-Control-Allow-Origin"] = site().base_url
        response.headers["Access-Control-Allow-Methods"] = "GET, PUT"
        response.headers["Access-Control-Allow-Headers"] = "Content-Type"
        response.headers["Access-Control-Max-Age"] = "7200"
    response.vary.add("Origin")
    return response


@blueprint.put(f"{PREFIX}<upload_token>")
@allow(Who.ANYONE, cookies=False)
async def receive(upload_token: str) -> Response:
    """Store the body of the request."""
    size = request.max_content_length or 0
    try:
        async with asyncio.timeout(longest_s(size)):
            await services().storage_links.receive(
                upload_token, request.body, media_type=request.headers.get("Content-Type")
            )
    except TimeoutError as error:
        raise RequestTimeout from error
    return Response(status=204)


@blueprint.get(f"{PREFIX}<download_token>")
@allow(Who.ANYONE, cookies=False)
async def download(download_token: str) -> Response:
    """The file, or the range that is asked for."""
    found = await services().storage_links.find(download_token)
    etag = f'"{found.download.key.name}"'
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": NOT_KEPT,
        "Content-Disposition": found.download.disposition,
        "Content-Security-Policy": SANDBOX,
        "Cross-Origin-Resource-Policy": "cross-origin",
        "ETag": etag,
    }
    if request.if_none_match.contains(found.download.key.name):
        return Response(status=304, headers=headers)
    part = _part(found.size, etag)
    if part is None:
        headers["Content-Range"] = f"bytes */{found.size}"
        return Response(status=416, headers=headers)
    return _answer(found, part, headers)


def _part(size: int, etag: str) -> Part | None:
    """None for a range that the file does not have. Of several ranges, and after a change of the
    file, the whole file is the answer (RFC 9110, 14.2)."""
    whole = Part(0, size, whole=True)
    asked = parse_range_header(request.headers.get("Range"))
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return whole
    if request.headers.get("If-Range", etag) != etag:
        return whole
    bounds = asked.range_for_length(size)
    return Part(bounds[0], bounds[1] - bounds[0], whole=False) if bounds else None


def _answer(found: Found, part: Part, headers: dict[str, str]) -> Response:
    key, status = found.download.key, 200
    if not part.whole:
        status = 206
        last = part.start + part.length - 1
        headers["Content-Range"] = f"bytes {part.start}-{last}/{found.size}"
    sent = part.length if request.method == "GET" else 0
    response = Response(
        services().storage_links.chunks(key, part.start, sent),
        status=status,
        headers=headers,
        content_type=found.download.content_type,
    )
    response.headers["Content-Length"] = str(part.length)
    response.timeout = longest_s(part.length)
    return response
