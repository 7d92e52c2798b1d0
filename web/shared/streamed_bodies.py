"""Request bodies that are read while they arrive, so that memory holds little of them.

Quart takes everything a client sends into memory, as fast as it comes. Here the server waits, and
so the client, until the application has read what is there. A client that sends nothing for a while
is given up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from typing import Any

from quart.wrappers.request import Body
from werkzeug.exceptions import RequestTimeout

BUFFERED = 512 * 1024
"""Bytes that may wait for the application, and one message of the server."""
SILENCE_S = 30.0
"""After so long without a byte the client is given up."""
SLOWEST = 20_000
"""Bytes per second that a client must send or receive on average."""


def longest_s(size: int) -> int:
    """How many seconds it may take to send or receive so many bytes."""
    return 60 + size // SLOWEST


class StreamedBody(Body):
    """A body of which `BUFFERED` bytes wait at most, unless the whole of it is awaited."""

    def __init__(self, length: int | None, maximum: int | None) -> None:
        super().__init__(length, maximum)
        self._whole = False
        self._room = asyncio.Event()
        self._room.set()

    async def __anext__(self) -> bytes:
        try:
            async with asyncio.timeout(SILENCE_S):
                data = await super().__anext__()
        except TimeoutError as error:
            raise RequestTimeout from error
        if self._must_raise is not None:  # what has just arrived is too much
            raise self._must_raise
        self._room.set()
        return data

    def __await__(self) -> Generator[Any, None, Any]:
        self._whole = True
        self._room.set()
        return super().__await__()

    def append(self, data: bytes) -> None:
        super().append(data)
        if len(self._data) >= BUFFERED and not self._whole:
            self._room.clear()

    async def room(self) -> None:
        """Wait until the application reads what is there."""
        await self._room.wait()
