"""A light Socket.IO client for many connections in one process: websocket only, Engine.IO 4,
Socket.IO 5, without binary data.

    client = await SocketIOClient.connect("http://127.0.0.1:8000", cookie="onehour=…")
    answer = await client.call("chat:open", {"chat": "cht_…"})

It does not connect again by itself. Frames are masked with zeros, which costs nothing.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from itertools import count
from typing import Any, Self, cast
from urllib.parse import urlsplit

import orjson

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
MASKED = 0x80
HANDSHAKE = (
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {host}\r\n"
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
)
CONNECT_S = 60.0
ANSWER_S = 60.0
"""They end what hangs, and measure nothing."""

Answer = Mapping[str, Any]
OnEvent = Callable[[str, Any], None]
OnPacket = Callable[["SocketIOClient"], None]


class ConnectRefused(Exception):
    """The server has refused the connection, with the `data` of its `connect_error`."""

    def __init__(self, data: Any) -> None:
        super().__init__(str(data))
        self.data = data


class ConnectionLost(ConnectionError):
    """The connection has ended before the answer came; the event may have been carried out."""


def _ignore(*_: Any) -> None:
    """The default of the callbacks."""


@asynccontextmanager
async def _within(timeout_s: float, what: str) -> AsyncIterator[None]:
    """Raises a `TimeoutError` that says what was waited for."""
    try:
        async with asyncio.timeout(timeout_s):
            yield
    except TimeoutError as error:
        raise TimeoutError(f"no {what} within {timeout_s:.0f} s") from error


def text_frame(text: str | bytes) -> bytes:
    """A whole message of a client."""
    return _frame(TEXT, text.encode() if isinstance(text, str) else text)


def _frame(opcode: int, payload: bytes) -> bytes:
    length = len(payload)
    head = bytes([0x80 | opcode])
    if length < 126:
        head += bytes([MASKED | length])
    elif length < 65_536:
        head += bytes([MASKED | 126]) + struct.pack("!H", length)
    else:
        head += bytes([MASKED | 127]) + struct.pack("!Q", length)
    return head + b"\0\0\0\0" + payload


class SocketIOClient(asyncio.Protocol):
    """One connection. `on_event(name, data)` is called for each event as it arrives, and
    `on_packet(client)` before each packet of Socket.IO that is sent or read: it may call `abort`,
    and the packet is then neither sent nor read."""

    def __init__(self, on_event: OnEvent = _ignore, on_packet: OnPacket = _ignore) -> None:
        self._on_event, self._on_packet = on_event, on_packet
        self._transport: asyncio.Transport | None = None
        self._read, self._upgraded = bytearray(), False
        self._answers: dict[int, asyncio.Future[Answer]] = {}
        self._ids = count(1)
        loop = asyncio.get_running_loop()
        self._connected: asyncio.Future[None] = loop.create_future()
        self._may_write = asyncio.Event()
        self._may_write.set()
        self._auth: Mapping[str, Any] | None = None
        self.closed: asyncio.Future[None] = loop.create_future()
        """Done when the connection has ended, for whatever reason."""
        self.ended_by_server = False
        """Whether the server has sent a `disconnect`, after which clients stay away."""

    @classmethod
    async def connect(
        cls,
        address: str,
        *,
        cookie: str = "",
        auth: Mapping[str, Any] | None = None,
        on_event: OnEvent = _ignore,
        on_packet: OnPacket = _ignore,
    ) -> Self:
        """A client that has entered the default namespace. Raises `ConnectRefused` and
        `ConnectionLost`, `TimeoutError` after `CONNECT_S`, and `OSError` when nothing listens."""
        parts = urlsplit(address)
        loop = asyncio.get_running_loop()
        _, client = await loop.create_connection(
            lambda: cls(on_event, on_packet), parts.hostname or "127.0.0.1", parts.port or 80
        )
        client._auth = auth
        headers = f"Cookie: {cookie}\r\n" if cookie else ""
        request = HANDSHAKE.format(host=parts.netloc, headers=headers)
        try:
            client._write(request.encode("latin-1"))
            async with _within(CONNECT_S, f"connection to {address}"):
                await client._connected
        except BaseException:
            client.abort()
            raise
        return client

    @property
    def local_port(self) -> int:
        """By which a server's connections are told apart."""
        assert self._transport is not None
        return int(self._transport.get_extra_info("sockname")[1])

    @property
    def is_open(self) -> bool:
        return self._connected.done() and not self.closed.done()

    def emit(self, event: str, data: Any) -> None:
        """Send an event without waiting for an answer. Raises `ConnectionLost`."""
        self._send(b"42" + orjson.dumps([event, data]))

    def start_call(self, event: str, data: Any) -> asyncio.Future[Answer]:
        """Send an event at once; the future has its answer, or raises `ConnectionLost`. It raises
        that itself when the connection has ended before."""
        number = next(self._ids)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        try:
            self._send(b"42%d" % number + orjson.dumps([event, data]))
        except ConnectionLost:
            self._answers.pop(number, None)
            raise
        return answer

    async def call(self, event: str, data: Any, *, timeout_s: float = ANSWER_S) -> Answer:
        """The answer to an event. Raises `ConnectionLost`, and `TimeoutError` after `timeout_s`."""
        async with _within(timeout_s, f"answer to {event}"):
            return await self.start_call(event, data)

    def send_raw(self, data: bytes) -> None:
        """Write bytes as they are, which may be no packet. Raises `ConnectionLost`."""
        self._write(data)

    async def drain(self) -> None:
        """Wait until what was written has almost left. Raises `ConnectionLost`."""
        await self._may_write.wait()
        if self.closed.done():
            raise ConnectionLost

    def stop_reading(self) -> None:
        """Leave unread what the server sends from now on."""
        assert self._transport is not None
        self._transport.pause_reading()

    def abort(self) -> None:
        """End the connection at once, without a farewell: the server sees a reset."""
        if self._transport is not None:
            self._transport.abort()
        self._end()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # that of uvloop is of no such class

    def connection_lost(self, exc: Exception | None) -> None:
        self._end()

    def pause_writing(self) -> None:
        self._may_write.clear()

    def resume_writing(self) -> None:
        self._may_write.set()

    def data_received(self, data: bytes) -> None:
        self._read += data
        if not self._upgraded and not self._read_handshake():
            return
        while (message := self._next_frame()) and not self.closed.done():
            opcode, payload = message
            if opcode == TEXT:
                self._read_packet(payload)
            elif opcode == PING:
                self._write(_frame(PONG, payload))
            elif opcode == CLOSE and self._transport is not None:
                self._transport.close()
                self._end()

    def _read_handshake(self) -> bool:
        head, separator, rest = bytes(self._read).partition(b"\r\n\r\n")
        if not separator:
            return False
        if not head.startswith(b"HTTP/1.1 101"):
            self.abort()
            return False
        self._read, self._upgraded = bytearray(rest), True
        return True

    def _next_frame(self) -> tuple[int, bytes] | None:
        """The next whole frame. The server divides no message."""
        read = self._read
        if len(read) < 2:
            return None
        length, start = read[1] & 0x7F, 2
        if length == 126:
            length, start = int.from_bytes(read[2:4], "big"), 4
        elif length == 127:
            length, start = int.from_bytes(read[2:10], "big"), 10
        if len(read) < start + length:
            return None
        opcode, payload = read[0] & 0x0F, bytes(read[start : start + length])
        del read[: start + length]
        return opcode, payload

    def _read_packet(self, packet: bytes) -> None:
        if packet[:1] == b"0":
            self._write(text_frame(b"40" + (orjson.dumps(self._auth) if self._auth else b"")))
        elif packet == b"2":
            self._write(text_frame(b"3"))
        elif packet == b"1":
            self.abort()
        elif packet[:1] == b"4":
            self._on_packet(self)
            if not self.closed.done():
                self._read_message(packet)

    def _read_message(self, packet: bytes) -> None:
        kind = packet[1:2]
        if kind == b"2":
            name, *data = orjson.loads(packet[2:])
            self._on_event(name, data[0] if data else None)
        elif kind == b"3":
            digits, _, rest = packet[2:].partition(b"[")
            answer = self._answers.pop(int(digits), None)
            if answer and not answer.done():
                answer.set_result(orjson.loads(b"[" + rest)[0])
        elif kind == b"0":
            if not self._connected.done():
                self._connected.set_result(None)
        elif kind == b"4":
            self._end(ConnectRefused(orjson.loads(packet[2:])))
            self.abort()
        elif kind == b"1":
            self.ended_by_server = True
            self.abort()

    def _send(self, packet: bytes) -> None:
        self._on_packet(self)
        self._write(text_frame(packet))

    def _write(self, data: bytes) -> None:
        if self.closed.done() or self._transport is None:
            raise ConnectionLost
        self._transport.write(data)

    def _end(self, error: Exception | None = None) -> None:
        if not self.closed.done():
            self.closed.set_result(None)
        self._may_write.set()
        waiting: list[asyncio.Future[Any]] = [self._connected, *self._answers.values()]
        self._answers.clear()
        for future in waiting:
            if not future.done():
                future.set_exception(error or ConnectionLost())
                with suppress(Exception):
                    future.exception()  # nobody may be waiting for it
