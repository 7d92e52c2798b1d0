"""Requests that are answered before their body has arrived.

HTTP/1.1 cannot go on with a connection until the body has been read. Hypercorn closes it without a
word, and a client that sends its next request meanwhile loses the answer. Here a short rest is read
and dropped. With a long one the answer says `Connection: close`, and what the client still sends is
read for a while: closing at once would reset the connection, and the client would lose the answer
that is on its way (RFC 9112, 9.3 and 9.6).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Header = tuple[bytes, bytes]

SHORT_REST = 65_536
"""Bytes that are read so that the connection can be kept."""
SHORT_REST_S = 1.0
LONG_REST = 64 * 1024 * 1024
"""Bytes that are read after an answer that ends the connection."""
LONG_REST_S = 30.0
SILENCE_S = 5.0
"""After this without a byte of the body, the client is not waited for any longer."""


def with_read_bodies(inner: Callable[[Any, Receive, Send], Awaitable[None]]) -> Any:
    """ASGI middleware, outside of everything that answers."""

    async def middleware(scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _has_body(scope["headers"]):
            await inner(scope, receive, send)
            return
        answer = _Answer(_Body(receive, _length(scope["headers"])), send)
        await inner(scope, answer.body.receive, answer.send)

    return middleware


class _Body:
    """The body of one request, as the application and this module read it."""

    def __init__(self, receive: Receive, length: int | None) -> None:
        self._receive, self._length = receive, length
        self._one_reader = asyncio.Lock()
        self._disconnected: Message | None = None
        self._size = 0
        self.ended = False

    async def receive(self) -> Message:
        async with self._one_reader:
            if self._disconnected is not None:
                return self._disconnected
            message = await self._receive()
            if message["type"] == "http.request":
                self._size += len(message.get("body", b""))
                self.ended = not message.get("more_body", False)
            else:
                self._disconnected, self.ended = message, True
            return message

    async def drop(self, size: int, seconds: float, silence: float) -> None:
        """Read until the end, or until one of the limits."""
        end = self._size + size
        if self._length is not None and self._length > end:
            return
        try:
            async with asyncio.timeout(seconds):
                while not self.ended and self._size <= end:
                    async with asyncio.timeout(silence):
                        await self.receive()
        except TimeoutError:
            return


class _Answer:
    """Passes the messages of an answer on, and sees to the rest of the body in between."""

    def __init__(self, body: _Body, send: Send) -> None:
        self.body, self._send = body, send
        self._complete_at: int | None = None
        self._sent = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._start(message)
        elif message["type"] == "http.response.body":
            await self._pass_on(message)
        else:
            await self._send(message)

    async def _start(self, message: Message) -> None:
        await self.body.drop(SHORT_REST, SHORT_REST_S, SHORT_REST_S)
        headers = list(message.get("headers", ()))
        if not self.body.ended:
            headers = [line for line in headers if line[0].lower() != b"connection"]
            headers.append((b"connection", b"close"))
            self._complete_at = _length(headers)
        await self._send({**message, "headers": headers})

    async def _pass_on(self, message: Message) -> None:
        """The client has the whole answer when it has as many bytes as announced; only then can it
        be waited for."""
        self._sent += len(message.get("body", b""))
        if self.body.ended or message.get("more_body") or self._sent != self._complete_at:
            await self._send(message)
            return
        await self._send({**message, "more_body": True})
        await self.body.drop(LONG_REST, LONG_REST_S, SILENCE_S)
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})


def _has_body(headers: Iterable[Header]) -> bool:
    return any(name.lower() in (b"content-length", b"transfer-encoding") for name, _ in headers)


def _length(headers: Iterable[Header]) -> int | None:
    """The announced length in bytes; None if it is missing or malformed."""
    found = [value for name, value in headers if name.lower() == b"content-length"]
    return int(found[0]) if found and found[0].isdigit() else None
