"""Bytes to and from a server, without a client that would correct them."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress

ANSWER_S = 20.0
CLOSED = b"<closed>"


async def exchange(port: int, *parts: bytes) -> bytes:
    """Everything the server sends for these bytes, then `CLOSED` if it closes the connection
    itself. A server that keeps the connection open is heard until it has been silent for 1 s."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    received = b""
    try:
        for part in parts:
            writer.write(part)
            with suppress(ConnectionError):
                await writer.drain()
        async with asyncio.timeout(ANSWER_S):
            while chunk := await asyncio.wait_for(reader.read(65_536), 1 if received else ANSWER_S):
                received += chunk
        return received + CLOSED
    except TimeoutError:
        return received
    except ConnectionError:
        return received + CLOSED
    finally:
        writer.close()


def statuses(received: bytes) -> list[int]:
    """The status of each response in it, in order."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", received)]
