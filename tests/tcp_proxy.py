"""A TCP proxy in front of a server, whose connections tests can cut, and whose bytes they can
change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Change = Callable[[bytes], bytes]
CHUNK = 65_536


def unchanged(data: bytes) -> bytes:
    return data


@dataclass
class TcpProxy:
    """`to_server()` and `to_client()` make a function for each connection, through which its bytes
    pass; it may also call `cut`."""

    to_port: int
    to_server: Callable[[], Change] = lambda: unchanged
    to_client: Callable[[], Change] = lambda: unchanged
    port: int = 0
    refuses: bool = False
    """New connections are closed at once."""
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    def cut(self) -> None:
        """End all connections at once; what was not forwarded is lost."""
        for writer in self._writers:
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuses:
            writer.transport.abort()
            return
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self.to_port)
        ends = {writer, there_writer}
        self._writers |= ends
        try:
            await asyncio.gather(
                self._forward(reader, there_writer, self.to_server()),
                self._forward(there_reader, writer, self.to_client()),
            )
        finally:
            self._writers -= ends

    async def _forward(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, change: Change
    ) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(CHUNK):
                writer.write(change(data))
                await writer.drain()
        writer.close()


@asynccontextmanager
async def tcp_proxy(
    to_port: int,
    *,
    to_server: Callable[[], Change] = lambda: unchanged,
    to_client: Callable[[], Change] = lambda: unchanged,
) -> AsyncIterator[TcpProxy]:
    proxy = TcpProxy(to_port, to_server, to_client)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        proxy.cut()
