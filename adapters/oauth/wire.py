"""One HTTP call to a provider: deadline, size limit, no redirects, and what its failure means."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from types import MappingProxyType

import httpx
import orjson

from ports.identity import IdentityUnavailable

log = logging.getLogger(__name__)

SECONDS_PER_CALL = 10.0
BYTES_AT_MOST = 1024 * 1024
NONE: Mapping[str, str] = MappingProxyType({})
TRY_AGAIN = frozenset({408, 425, 429})


class Wire(httpx.AsyncBaseTransport):
    """Sends what Authlib builds, and our own questions, through the client of the house.

    Every call raises `IdentityUnavailable` instead of any error of httpx, and for an answer
    that is none: 5xx, 429, a redirect, or more than 1 MB.
    """

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.headers["user-agent"] = "OneHour"
        request.headers["accept-encoding"] = "identity"  # a size limit means little on others
        try:
            # httpx counts its time-outs per read; this deadline is for the call as a whole.
            async with asyncio.timeout(SECONDS_PER_CALL):
                response = await self._send(request)
        except (httpx.HTTPError, httpx.StreamError, TimeoutError) as error:
            log.warning("%s did not answer: %r", request.url.host, error)
            raise IdentityUnavailable from error
        status = response.status_code
        if status in TRY_AGAIN or not (200 <= status < 300 or 400 <= status < 500):
            log.warning("%s answered HTTP %s", request.url.host, status)
            raise IdentityUnavailable
        return response

    async def get(self, url: str, headers: Mapping[str, str] = NONE) -> tuple[int, object]:
        """The status and the JSON of a page; None for a refusal (4xx)."""
        asked = httpx.Request("GET", url, headers={"accept": "application/json", **headers})
        response = await self.handle_async_request(asked)
        if not response.is_success:
            status = response.status_code
            log.warning("%s refused %s: HTTP %s", asked.url.host, asked.url.path, status)
            return status, None
        try:
            return response.status_code, orjson.loads(response.content)
        except ValueError as error:
            log.warning("%s answered %s with unreadable JSON", asked.url.host, asked.url.path)
            raise IdentityUnavailable from error

    async def get_object(self, url: str, headers: Mapping[str, str] = NONE) -> dict[str, object]:
        """The JSON object of a page that must be there."""
        _, found = await self.get(url, headers)
        if not isinstance(found, dict):
            raise IdentityUnavailable
        return found

    async def _send(self, request: httpx.Request) -> httpx.Response:
        response = await self._http.send(request, stream=True, follow_redirects=False)
        try:
            body = await _read(response)
        finally:
            await response.aclose()
        # Of the headers only this one matters to us; cookies of theirs are nobody's here.
        told = {"content-type": response.headers.get("content-type", "")}
        return httpx.Response(response.status_code, headers=told, content=body, request=request)


async def _read(response: httpx.Response) -> bytes:
    raw = bytearray()
    async for chunk in response.aiter_bytes():
        raw += chunk
        if len(raw) > BYTES_AT_MOST:
            raise httpx.DecodingError("the answer is longer than 1 MB", request=response.request)
    return bytes(raw)
