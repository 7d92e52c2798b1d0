"""The websocket of one socket: packets that it reads and writes.

The loops of the library need a task and a timer for each packet, to find clients that are silent;
these are found by the pings too.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Protocol

from engineio import packet
from engineio.async_drivers import asgi
from engineio.exceptions import SocketIsClosedError

log = logging.getLogger(__name__)

CLIENT_PACKET = re.compile(r"3|1|4[0-3].*", re.DOTALL)
"""Pong, close, and a message with a packet of Socket.IO (protocol 5) without binary data."""


class Engine(Protocol):
    """What a websocket needs of its server: the code with which it closes connections, and what is
    called when a client sends what is no packet."""

    close_code: int
    on_malformed: Callable[[], None]
    max_http_buffer_size: int


class StrictWebSocket(asgi.WebSocket):  # type: ignore[misc]
    """Ends the connection at what is no packet; the library does not expect it."""

    def __init__(self, handler: Any, server: Engine) -> None:
        super().__init__(handler, server)
        self._engine = server
        self._socket = handler.__self__

    async def __call__(self, environ: Mapping[str, Any]) -> str:
        self.asgi_receive, self.asgi_send = environ["asgi.receive"], environ["asgi.send"]
        await self.asgi_send({"type": "websocket.accept"})
        socket = self._socket
        socket.connected = socket.upgraded = True
        writing = asyncio.create_task(self._write())
        with suppress(OSError, SocketIsClosedError, asyncio.CancelledError):
            await self._read()
        socket.queue.put_nowait(None)
        await writing
        reason = socket.server.reason.TRANSPORT_CLOSE
        await socket.close(wait=False, abort=True, reason=reason)
        return ""

    async def _read(self) -> None:
        """Handle what the client sends. Raises `OSError` when the connection ends."""
        while True:
            data = await self.wait()
            try:
                await self._socket.receive(packet.Packet(encoded_packet=data))
            except SocketIsClosedError:
                raise
            except Exception:
                log.exception("a packet of a socket could not be handled")

    async def _write(self) -> None:
        """Send what waits, until None comes."""
        queue = self._socket.queue
        with suppress(Exception):  # the connection has ended
            while True:
                waiting = await queue.get()
                queue.task_done()
                if waiting is None:
                    break
                await self.send(waiting.encode())
        await self.close()

    async def wait(self) -> str:
        data = await super().wait()
        if not isinstance(data, str) or not CLIENT_PACKET.fullmatch(data):
            self._engine.on_malformed()
            raise OSError("not a packet")
        if len(data) > self._engine.max_http_buffer_size:
            raise OSError("the packet is too large")
        return data

    async def close(self) -> None:
        with suppress(Exception):  # it is closed already
            await self.asgi_send({"type": "websocket.close", "code": self._engine.close_code})
