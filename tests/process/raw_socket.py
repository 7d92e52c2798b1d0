"""A websocket as bytes: frames of any form, which may be malformed, and reading that may stop."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.patience import PATIENCE_S

TEXT, BINARY, CONTINUATION, CLOSE, PING = 1, 2, 0, 8, 9


def frame(data: bytes | str, *, opcode: int = TEXT, last: bool = True, size: int = -1) -> bytes:
    """A masked frame; `size` is another length than that of the data."""
    payload = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    length = len(payload) if size < 0 else size
    head = bytes([opcode | (0x80 if last else 0)])
    if length < 126:
        head += bytes([0x80 | length])
    elif length < 65_536:
        head += bytes([0x80 | 126]) + struct.pack("!H", length)
    else:
        head += bytes([0x80 | 127]) + struct.pack("!Q", length)
    return head + b"\0\0\0\0" + payload  # this mask changes nothing


@dataclass
class RawSocket:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    handshake: bytes = b""

    async def send(self, *frames: bytes) -> None:
        for each in frames:
            self.writer.write(each)
        await self.writer.drain()

    async def next(self) -> str | None:
        """The next text of the server, or None when it has closed the connection."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    opcode, payload = await self._frame()
                    if opcode == TEXT:
                        return payload.decode()
                    if opcode == CLOSE:
                        return None
        except (asyncio.IncompleteReadError, ConnectionError):
            return None

    async def _frame(self) -> tuple[int, bytes]:
        first, second = await self.reader.readexactly(2)
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", await self.reader.readexactly(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", await self.reader.readexactly(8))
        return first & 0x0F, await self.reader.readexactly(length)

    async def is_closed(self) -> bool:
        """Whether the server ends the connection; what it sends before is dropped."""
        while await self.next() is not None:
            pass
        return True

    async def connect(self) -> str:
        """Enter the default namespace of Socket.IO; returns the server's name of the socket."""
        await self.send(frame("40"))
        text = await self.next()
        assert text is not None
        assert text.startswith("40{"), text
        return str(json.loads(text[2:])["sid"])


@asynccontextmanager
async def raw_socket(port: int, *, headers: str = "", receive: int = 0) -> AsyncIterator[RawSocket]:
    """A socket that is open, and whose first packet is read. `receive`: bytes that the system
    keeps for it when it does not read."""
    connection = socket.socket()
    if receive:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
    connection.setblocking(False)
    await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", port))
    reader, writer = await asyncio.open_connection(sock=connection)
    key = "dGhlIHNhbXBsZSBub25jZQ=="
    lines = (
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1", f"Host: 127.0.0.1:{port}",
        "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {key}",
    )  # fmt: skip
    writer.write(("\r\n".join(lines) + f"\r\n{headers}\r\n").encode("latin-1"))
    opened = RawSocket(reader, writer)
    try:
        opened.handshake = await reader.readuntil(b"\r\n\r\n")
        assert opened.handshake.startswith(b"HTTP/1.1 101 "), opened.handshake
        first = await opened.next()
        assert first is not None
        assert first.startswith("0{"), first
        yield opened
    finally:
        writer.transport.abort()
