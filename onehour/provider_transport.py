"""HTTP/1.1 to providers by the event loop itself, with h11.

The transport of httpx goes through a pool that looks at each open connection twice for each
request, and through a second library for sockets: together they took two thirds of the CPU time of
a call. This one keeps what those kept: limits, time-outs, TLS and the errors of httpx. It has no
proxies, so clients that need one use that of httpx.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import h11
import httpx

CONNECTIONS_AT_MOST = 100
IDLE_AT_MOST = 20
IDLE_S = 5.0
"""Idle connections are kept as many and as long as those of httpx."""
NEXT_ADDRESS_S = 1.0
"""After this time without a connection the next address of the host is tried."""
READ_AT_MOST = 64 * 1024
Origin = tuple[str, str, int, str]
"""Scheme, host, port, and the host of its certificate."""
Seconds = Mapping[str, float | None]
"""The time-outs of a request, by what is done: `pool`, `connect`, `write` and `read`."""


class Reader(asyncio.StreamReader):
    """Counts the bytes that have arrived and were not read."""

    unread = 0

    def feed_data(self, data: Any) -> None:
        self.unread += len(data)
        super().feed_data(data)

    async def read(self, n: int = -1) -> bytes:
        data = await super().read(n)
        self.unread -= len(data)
        return data


@dataclass(eq=False, slots=True)
class Connection:
    """An open connection, for one request at a time."""

    origin: Origin
    reader: Reader
    writer: asyncio.StreamWriter
    http: h11.Connection = field(default_factory=lambda: h11.Connection(h11.CLIENT))
    idle_since: float = 0.0

    @property
    def usable(self) -> bool:
        """Whether an idle one can take a request. What a server has sent meanwhile answers none,
        and would be taken for the next answer."""
        ended = self.reader.at_eof() or self.writer.is_closing() or self.reader.unread
        return not ended and time.monotonic() - self.idle_since < IDLE_S

    async def send(self, request: httpx.Request, seconds: Seconds) -> None:
        """Head and body; those of most requests in one packet."""
        head = h11.Request(
            method=request.method, target=request.url.raw_path, headers=request.headers.raw
        )
        data = self.http.send(head) or b""
        assert isinstance(request.stream, httpx.AsyncByteStream)
        async for chunk in request.stream:
            data += self.http.send(h11.Data(data=chunk)) or b""
            if len(data) > READ_AT_MOST:
                await self._write(data, seconds)
                data = b""
        data += self.http.send(h11.EndOfMessage()) or b""
        await self._write(data, seconds)

    async def _write(self, data: bytes, seconds: Seconds) -> None:
        if not data:
            return
        with _as_httpx(httpx.WriteTimeout, httpx.WriteError):
            async with asyncio.timeout(seconds.get("write")):
                self.writer.write(data)
                await self.writer.drain()

    async def next_event(self, seconds: Seconds) -> h11.Event | type[h11.PAUSED]:
        while True:
            event = self.http.next_event()
            if event is not h11.NEED_DATA:
                assert not isinstance(event, type) or event is h11.PAUSED
                return event
            with _as_httpx(httpx.ReadTimeout, httpx.ReadError):
                async with asyncio.timeout(seconds.get("read")):
                    data = await self.reader.read(READ_AT_MOST)
            if not data and self.http.their_state is h11.SEND_RESPONSE:
                raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
            self.http.receive_data(data)

    def next_request(self) -> bool:
        """Whether another request can follow: both sides are done, and nothing was sent beyond."""
        done = self.http.our_state is h11.DONE and self.http.their_state is h11.DONE
        if not done or any(self.http.trailing_data):
            return False
        self.http.start_next_cycle()
        self.idle_since = time.monotonic()
        return True


class ProviderTransport(httpx.AsyncBaseTransport):
    """Keeps idle connections, the latest used first. Bound to one event loop. `tls` is by default
    what `httpx` takes."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._given_tls = tls
        self._idle: list[Connection] = []
        self._places = asyncio.Semaphore(CONNECTIONS_AT_MOST)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        seconds: Seconds = request.extensions.get("timeout", {})
        with _as_httpx(httpx.PoolTimeout, httpx.ConnectError):
            async with asyncio.timeout(seconds.get("pool")):
                await self._places.acquire()
        connection: Connection | None = None
        try:
            connection = self._take(_origin(request)) or await self._open(request, seconds)
            with _protocol_errors():
                with suppress(httpx.WriteError):  # the server may have answered before the end
                    await connection.send(request, seconds)
                event = await connection.next_event(seconds)
                while isinstance(event, h11.InformationalResponse):
                    event = await connection.next_event(seconds)
            assert isinstance(event, h11.Response)
        except BaseException:
            self._end(connection)
            raise
        return httpx.Response(
            event.status_code,
            headers=event.headers.raw_items(),
            stream=Body(self, connection, seconds),
            extensions={
                "http_version": b"HTTP/" + event.http_version, "reason_phrase": event.reason,
            },
        )  # fmt: skip

    def _take(self, origin: Origin) -> Connection | None:
        """An idle connection. Those that cannot be used are closed."""
        for connection in reversed(self._idle):
            if connection.origin == origin:
                self._idle.remove(connection)
                if connection.usable:
                    return connection
                connection.writer.close()
        return None

    async def _open(self, request: httpx.Request, seconds: Seconds) -> Connection:
        origin = scheme, host, port, certified = _origin(request)
        secure = self._tls if scheme == "https" else None
        name = certified if secure else None
        with _as_httpx(httpx.ConnectTimeout, httpx.ConnectError):
            async with asyncio.timeout(seconds.get("connect")):
                reader, writer = await _connect(host, port, secure, name)
        return Connection(origin, reader, writer)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        context = self._given_tls or httpx.create_ssl_context()
        context.set_alpn_protocols(["http/1.1"])
        return context

    def release(self, connection: Connection) -> None:
        """The answer was read, or nobody reads the rest of it."""
        if not connection.next_request():
            self._end(connection)
            return
        self._places.release()
        self._idle.append(connection)
        if len(self._idle) > IDLE_AT_MOST:
            self._idle.pop(0).writer.close()

    def _end(self, connection: Connection | None) -> None:
        self._places.release()
        if connection:
            connection.writer.transport.abort()

    async def aclose(self) -> None:
        idle, self._idle = self._idle, []
        for connection in idle:
            connection.writer.close()


class Body(httpx.AsyncByteStream):
    """The body of an answer; its end returns the connection."""

    def __init__(
        self, transport: ProviderTransport, connection: Connection, seconds: Seconds
    ) -> None:
        self._transport, self._seconds = transport, seconds
        self._connection: Connection | None = connection

    async def __aiter__(self) -> AsyncIterator[bytes]:
        connection = self._connection
        while connection:
            with _protocol_errors():
                event = await connection.next_event(self._seconds)
            if not isinstance(event, h11.Data):
                return
            yield bytes(event.data)

    async def aclose(self) -> None:
        connection, self._connection = self._connection, None
        if connection:
            self._transport.release(connection)


async def _connect(
    host: str, port: int, tls: ssl.SSLContext | None, name: str | None
) -> tuple[Reader, asyncio.StreamWriter]:
    """Tries the addresses of the host one after another; raises the error of the last one."""
    loop = asyncio.get_running_loop()

    async def connect(address: str) -> tuple[Reader, asyncio.StreamWriter]:
        reader = Reader(READ_AT_MOST, loop)
        protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
        transport, _ = await loop.create_connection(
            lambda: protocol, address, port, ssl=tls, server_hostname=name
        )
        return reader, asyncio.StreamWriter(transport, protocol, reader, loop)

    found = await loop.getaddrinfo(host, port, proto=socket.IPPROTO_TCP)
    *others, last = (str(address[0]) for *_, address in found)
    for address in others:
        with suppress(OSError):  # of which TimeoutError is one
            async with asyncio.timeout(NEXT_ADDRESS_S):
                return await connect(address)
    return await connect(last)


def _origin(request: httpx.Request) -> Origin:
    url = request.url
    if url.scheme not in ("http", "https"):
        raise httpx.UnsupportedProtocol(f"{url.scheme!r} is neither http nor https.")
    port = url.port or (443 if url.scheme == "https" else 80)
    host = url.raw_host.decode("ascii")
    return url.scheme, host, port, request.extensions.get("sni_hostname") or host


@contextmanager
def _as_httpx(
    late: type[httpx.TransportError], failed: type[httpx.TransportError]
) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise late("") from error
    except OSError as error:  # TLS errors too
        raise failed(str(error)) from error


@contextmanager
def _protocol_errors() -> Iterator[None]:
    try:
        yield
    except h11.RemoteProtocolError as error:
        raise httpx.RemoteProtocolError(str(error)) from error
    except h11.LocalProtocolError as error:
        raise httpx.LocalProtocolError(str(error)) from error
