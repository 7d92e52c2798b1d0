"""A server on this machine that speaks the protocol of clamd (man clamd, INSTREAM)."""

from __future__ import annotations

import asyncio
import struct
from dataclasses import dataclass, field

from onehour.testing.virus_scan import EICAR

COMMAND = b"zINSTREAM\0"


@dataclass
class ClamdServer:
    """Finds the EICAR test file. It answers `answer` to every file if that is not empty; while
    `silent` it reads everything and answers nothing. `received` are the sizes of files."""

    stream_maximum: int = 1_000_000
    answer: bytes = b""
    silent: bool = False
    received: list[int] = field(default_factory=list)
    _server: asyncio.Server | None = None
    _port: int = 0

    async def start(self) -> str:
        """The URL, which is the same again after a `stop`."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        return f"tcp://127.0.0.1:{self._port}"

    async def start_at(self, path: str) -> str:
        self._server = await asyncio.start_unix_server(self._serve, path)
        return f"unix://{path}"

    async def stop(self) -> None:
        if self._server:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(await self._answer(reader))
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader) -> bytes:
        if await reader.readexactly(len(COMMAND)) != COMMAND:
            return b"UNKNOWN COMMAND\0"
        content = bytearray()
        while length := struct.unpack("!I", await reader.readexactly(4))[0]:
            content += await reader.readexactly(length)
            if len(content) > self.stream_maximum:
                return b"INSTREAM size limit exceeded. ERROR\0"
        self.received.append(len(content))
        if self.silent:
            await asyncio.sleep(60)
        if self.answer:
            return self.answer
        return b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"
