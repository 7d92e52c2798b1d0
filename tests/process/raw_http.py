"""Bytes to and from a server, without a client that would correct them."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress

from tests.patience import PATIENCE_S

CLOSED = b"<closed>"
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")


async def exchange(port: int, *parts: bytes, answers: int | None = None) -> bytes:
    """Everything the server sends for these bytes until it closes the connection, and `CLOSED`; or
    until so many `answers` have begun, of a server that keeps the connection open. Raises
    `TimeoutError` if neither happens."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    received = b""
    try:
        for part in parts:
            writer.write(part)
            with suppress(ConnectionError):
                await writer.drain()
        async with asyncio.timeout(PATIENCE_S):
            while chunk := await reader.read(65_536):
                received += chunk
                if answers is not None and len(statuses(received)) >= answers:
                    return received
        return received + CLOSED
    except ConnectionError:
        return received + CLOSED
    finally:
        writer.close()


def statuses(received: bytes) -> list[int]:
    """The status of each response in it, in order."""
    return [int(status) for status in STATUS.findall(received)]
