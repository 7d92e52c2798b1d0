"""HTTP/1.1 to providers by aiohttp, behind httpx.

The transport of httpx looks at each open connection twice for each request, and goes through a
second library for sockets: together they took two thirds of the CPU time of a call. Adapters know
only the client of httpx, and get its errors.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import aiohttp
import httpx
from aiohttp.connector import Connection
from yarl import URL

CONNECTIONS_AT_MOST = 100
IDLE_S = 5.0
"""As many connections as httpx opens, and kept as long."""
ERRORS: tuple[tuple[type[Exception], type[httpx.TransportError]], ...] = (
    (aiohttp.NonHttpUrlClientError, httpx.UnsupportedProtocol),
    (aiohttp.ConnectionTimeoutError, httpx.ConnectTimeout),
    (aiohttp.ServerTimeoutError, httpx.ReadTimeout),
    (aiohttp.ClientConnectorError, httpx.ConnectError),
    (aiohttp.ClientOSError, httpx.ReadError),
    (aiohttp.ClientError, httpx.RemoteProtocolError),
)
"""The first that fits. Only the errors of connecting say that nothing was sent: all others leave
open what the server did."""


class Connector(aiohttp.TCPConnector):
    """Takes no idle connection on which something has arrived: it would be read as the answer to
    the next request. Some servers send `408` when a connection was idle for long."""

    async def _get(self, *asked: Any) -> Connection | None:
        while found := await super()._get(*asked):
            if not (found.protocol and found.protocol.should_close):
                return found
            found.close()
        return None


class ProviderTransport(httpx.AsyncBaseTransport):
    """Bound to one event loop. `tls` is by default what httpx takes. A request waits for one of its
    connections as long as it may take to connect. Writing has no limit of its own: it ends with all
    limits until the head of the answer together. It has no proxies."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        seconds = request.extensions.get("timeout", {})
        body = await request.aread()
        limits = [seconds.get(each) for each in ("connect", "write", "read")]
        until_head = None if None in limits else sum(each or 0.0 for each in limits)
        with _errors_of_httpx():
            async with asyncio.timeout(until_head):
                answer = await self._opened().request(
                    request.method,
                    URL(str(request.url), encoded=True),
                    headers=request.headers.multi_items(),
                    data=body or None,
                    allow_redirects=False,
                    server_hostname=request.extensions.get("sni_hostname"),
                    timeout=aiohttp.ClientTimeout(
                        total=None, connect=seconds.get("connect"), sock_read=seconds.get("read")
                    ),
                )
        return httpx.Response(
            answer.status,
            headers=answer.raw_headers,
            stream=Body(answer),
            extensions={
                "http_version": b"HTTP/1.1", "reason_phrase": (answer.reason or "").encode(),
            },
        )  # fmt: skip

    def _opened(self) -> aiohttp.ClientSession:
        """It needs a running event loop, so the first request opens it."""
        if self._session is None:
            tls = self._tls or httpx.create_ssl_context()
            self._session = aiohttp.ClientSession(
                connector=Connector(ssl=tls, limit=CONNECTIONS_AT_MOST, keepalive_timeout=IDLE_S),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
            )
        return self._session

    async def aclose(self) -> None:
        if self._session:
            await self._session.close()


class Body(httpx.AsyncByteStream):
    """The body of an answer. Its connection is closed unless it was read to its end."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _errors_of_httpx():
            async for data in self._answer.content.iter_any():
                yield data

    async def aclose(self) -> None:
        self._answer.release()


@contextmanager
def _errors_of_httpx() -> Iterator[None]:
    try:
        yield
    except aiohttp.ClientError as error:
        name = next(ours for theirs, ours in ERRORS if isinstance(error, theirs))
        raise name(str(error)) from error
    except TimeoutError as error:
        raise httpx.WriteTimeout("The request was not answered in time.") from error
