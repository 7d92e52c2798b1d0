"""HTTP connections as we accept them: those of Hypercorn, with HTTP/1.1 only and strict framing.

Hypercorn has no settings for this, so two of its classes are replaced by subclasses (`install`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import h11
from h11._receivebuffer import ReceiveBuffer
from hypercorn.asyncio import run, tcp_server
from hypercorn.events import Closed, Event, RawData
from hypercorn.protocol.events import Event as StreamEvent
from hypercorn.protocol.events import StreamClosed
from hypercorn.protocol.h11 import H11Protocol
from hypercorn.protocol.ws_stream import FrameTooLargeError, WebsocketBuffer, WSStream
from hypercorn.typing import AppWrapper, ASGIReceiveCallable, ASGISendCallable, Scope
from wsproto.events import Message

from onehour.idle_connections import IdleTime

VERSIONS = frozenset({b"1.0", b"1.1"})


def install() -> None:
    """Let Hypercorn, in this process, build connections of these classes."""
    vars(run)["TCPServer"] = Connection
    vars(tcp_server)["ProtocolWrapper"] = StrictProtocol


class Connection(tcp_server.TCPServer):
    """A connection that the application can end at once, by `scope["state"]["abort"]()`.

    An ordinary close first sends what is buffered, and so never ends if the client does not read.
    """

    def __init__(self, app: AppWrapper, *args: Any) -> None:
        self._dropping = Dropping(app)
        super().__init__(self._dropping, *args)
        # One that is idle has no request to end, so nothing else must be told.
        self.idle_task = IdleTime(
            self.context, self.config.keep_alive_timeout, lambda: self.writer.close()
        )

        def abort() -> None:
            protocol: Any = self.protocol  # `install` has replaced its class
            protocol.refuse_messages()
            self.writer.transport.abort()

        self.state = {**self.state, "abort": abort}

    async def run(self) -> None:
        try:
            await super().run()
        finally:
            self._dropping.end()


class Dropping(AppWrapper):
    """The application on one connection. What a websocket has still sent when the application has
    ended is dropped: Hypercorn would wait until it is read, and never end the connection."""

    def __init__(self, app: AppWrapper) -> None:
        self._app = app
        self._task: asyncio.Task[None] | None = None

    async def __call__(
        self,
        scope: Scope,
        receive: ASGIReceiveCallable,
        send: ASGISendCallable,
        sync_spawn: Callable[..., Any],
        call_soon: Callable[..., Any],
    ) -> None:
        try:
            await self._app(scope, receive, send, sync_spawn, call_soon)
        finally:
            if scope["type"] == "websocket":
                self._task = asyncio.create_task(_drop(receive))

    def end(self) -> None:
        if self._task:
            self._task.cancel()


async def _drop(receive: ASGIReceiveCallable) -> None:
    while True:
        await receive()


class RefusedRequest(Exception):
    """A request that is answered with `status` and the end of the connection."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class StrictProtocol(H11Protocol):
    """HTTP/1.1 without HTTP/2: a stream of it would pass a proxy that checks only the first
    request, and set headers that only the proxy may set. Requests that two readers could
    understand differently are refused (RFC 9112, 5.2, 6.1, 6.3 and 11.2)."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args[:9])  # without the protocol negotiated by TLS
        assert isinstance(self.connection, h11.Connection)
        self.connection._receive_buffer = UnfoldedLines()
        self._head = b""

    async def handle(self, event: Event) -> None:
        if not isinstance(event, RawData):
            await super().handle(event)
            return
        if not self._refuses_messages():
            await super().handle(event)
        if self._refuses_messages():
            await self.send(Closed())

    def refuse_messages(self) -> None:
        """Read no further message of a websocket: what has already arrived is dropped."""
        if buffer := self._buffer():
            buffer.refused = True

    def _refuses_messages(self) -> bool:
        buffer = self._buffer()
        return buffer is not None and buffer.refused

    def _buffer(self) -> BoundedBuffer | None:
        buffer = self.stream.buffer if isinstance(self.stream, WSStream) else None
        return buffer if isinstance(buffer, BoundedBuffer) else None

    async def stream_send(self, event: StreamEvent) -> None:
        if isinstance(event, StreamClosed) and self._head:
            await self._send_with_head(b"")  # the application has ended without a body
        await super().stream_send(event)

    async def _send_h11_event(self, event: Any) -> None:
        """The head of an answer is sent with the first part of its body: one packet and one system
        call instead of two. ASGI asks for it: nothing is sent before the first body message."""
        try:
            data = self.connection.send(event)
        except h11.LocalProtocolError:
            if self.connection.their_state != h11.ERROR:
                raise
            return
        if isinstance(event, h11.Response):
            self._head = data
        else:
            await self._send_with_head(data)

    async def _send_with_head(self, data: bytes) -> None:
        data, self._head = self._head + data, b""
        if data:
            await self.send(RawData(data=data))

    async def _handle_events(self) -> None:
        try:
            await super()._handle_events()
        except RefusedRequest as refused:
            await self._send_error_response(refused.status)
            await self.send(Closed())

    async def _check_protocol(self, event: h11.Request) -> None:
        """Instead of switching to HTTP/2. Raises `RefusedRequest`."""
        names = {name for name, _ in event.headers}
        chunked = b"transfer-encoding" in names
        if event.http_version not in VERSIONS:
            raise RefusedRequest(505)
        if chunked and (b"content-length" in names or event.http_version != b"1.1"):
            raise RefusedRequest(400)
        if not _is_accepted_target(event.target):
            raise RefusedRequest(400)

    async def _create_stream(self, request: h11.Request) -> None:
        await super()._create_stream(_for_the_application(request))
        if isinstance(self.stream, WSStream):
            self.stream.buffer = BoundedBuffer(self.config.websocket_max_message_size)


class UnfoldedLines(ReceiveBuffer):
    """Refuses a header that is folded over several lines."""

    def maybe_extract_lines(self) -> list[bytearray] | None:
        lines = super().maybe_extract_lines()
        if any(line.startswith((b" ", b"\t")) for line in lines or ()):
            raise h11.LocalProtocolError("a header on several lines")
        return lines


class BoundedBuffer(WebsocketBuffer):
    """The message that is being received. One that is longer than allowed is refused before it
    is stored, however it is split into frames, and so is everything after it."""

    refused = False

    def extend(self, event: Message[Any]) -> None:
        self.refused |= self.length + len(event.data) > self.max_length
        if self.refused:
            raise FrameTooLargeError
        super().extend(event)


def _is_accepted_target(target: bytes) -> bool:
    """Whether it is a path or a URL; `*` stands for the server as a whole."""
    return target == b"*" or _path(target).startswith(b"/")


def _path(target: bytes) -> bytes:
    """The path and query of a URL, as proxies may send one (RFC 9112, 3.2.2); others unchanged."""
    scheme, separator, rest = target.partition(b"://")
    if not separator or scheme.lower() not in (b"http", b"https"):
        return target
    return b"/" + rest.partition(b"/")[2]


def _for_the_application(request: h11.Request) -> h11.Request:
    """The request with its path as target, and without the offer to compress websocket messages:
    a small frame could expand to a thousand times its size, and each connection would need three
    times the memory."""
    path = _path(request.target)
    if path is request.target and not any(
        name == b"sec-websocket-extensions" for name, _ in request.headers
    ):
        return request
    kept = [(name, value) for name, value in request.headers if name != b"sec-websocket-extensions"]
    return h11.Request(
        method=request.method,
        headers=kept,
        target=path,
        http_version=request.http_version,
    )
