"""Answers that caches may keep for a while."""

from __future__ import annotations

import hashlib
from typing import cast

from quart import Response
from quart.globals import request_ctx
from quart.wrappers.response import DataBody

from web.shared.compression import add_vary, share_compressed
from web.shared.cookies import has_secrets

CONDITIONS = ("If-None-Match", "If-Match", "If-Modified-Since", "If-Range", "Range")
"""Without one of these headers the whole answer is sent."""


async def with_etag(
    response: Response, content: bytes, *, weak: bool = False, ranges: bool = False
) -> Response:
    """With an ETag of the content; 304 for a client that has it. `ranges`: parts can be asked for;
    `content` is then exactly what is sent."""
    asked = request_ctx.request
    response.set_etag(hashlib.sha256(content).hexdigest()[:32], weak=weak)
    if any(name in asked.headers for name in CONDITIONS):
        await response.make_conditional(asked, ranges, len(content) if ranges else None)
    return response


async def with_tag(response: Response, tag: str) -> bool:
    """Set this ETag. Whether the content has to be sent; otherwise the response is now a 304."""
    response.set_etag(tag)
    if tag in request_ctx.request.if_none_match:
        response.status_code = 304
        return False
    return True


async def public(response: Response, *, seconds: int) -> Response:
    """An answer of the API that is the same for everybody, with its body in memory: caches may use
    it for so many seconds, and then ask whether it has changed. Who is logged in gets it fresh."""
    add_vary(response, "Cookie, Authorization")
    if has_secrets():
        return response
    share_compressed()
    response.headers["Cache-Control"] = f"public, max-age={seconds}"
    return await with_etag(response, cast(DataBody, response.response).data)
