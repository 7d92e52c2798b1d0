"""HTTP calls to a provider: time-out, size limit, no redirects, and error handling."""

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
    """Sends the requests of Authlib and our own ones through the shared HTTP client.

    Every call raises `IdentityUnavailable` instead of errors of httpx, and for 5xx, 429, a
    redirect, or more than 1 MB.
    """

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.headers["user-agent"] = "OneHour"
        request.headers["accept-encoding"] = (
            "identity"  # compression would circumvent the size limit
        )
        try:
            # Time-outs of httpx are per read; this one is for the whole call.
            async with asyncio.timeout(SECONDS_PER_CALL):
                response = await self._send(request)
        except (httpx.HTTPError, httpx.StreamError, TimeoutError) as error:
            log.warning("%s did not respond: %r", request.url.host, error)
            raise IdentityUnavailable from error
        status = response.status_code
        if status in TRY_AGAIN or not (200 <= status < 300 or 400 <= status < 500):
            log.warning("%s answered HTTP %s", request.url.host, status)
            raise IdentityUnavailable
        return response

    async def get(self, url: str, headers: Mapping[str, str] = NONE) -> tuple[int, object]:
        """The status and the JSON value of a URL; None as the value for a 4xx."""
        request = httpx.Request("GET", url, headers={"accept": "application/json", **headers})
        response = await self.handle_async_request(request)
        if not response.is_success:
            status = response.status_code
            log.warning("%s refused %s: HTTP %s", request.url.host, request.url.path, status)
            return status, None
        try:
            return response.status_code, orjson.loads(response.content)
        except ValueError as error:
            log.warning("%s answered %s with invalid JSON", request.url.host, request.url.path)
            raise IdentityUnavailable from error

    async def get_object(self, url: str, headers: Mapping[str, str] = NONE) -> dict[str, object]:
        """The JSON object of a URL. Raises `IdentityUnavailable` if there is none."""
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
        # Only this header is needed; cookies must not reach the shared client.
        headers = {"content-type": response.headers.get("content-type", "")}
        return httpx.Response(response.status_code, headers=headers, content=body, request=request)


async def _read(response: httpx.Response) -> bytes:
    raw = bytearray()
    async for chunk in response.aiter_bytes():
        raw += chunk
        if len(raw) > BYTES_AT_MOST:
            raise httpx.DecodingError("the response is longer than 1 MB", request=response.request)
    return bytes(raw)
