"""Checks whether a child process answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import closing

Check = Callable[[], Awaitable[bool]]
REQUEST_TIMEOUT_S = 2.0
"""The longest time one check can take."""


def accepts_connections(host: str, port: int) -> Check:
    """Ready when a TCP connection is accepted."""

    async def check() -> bool:
        return await _request(host, port, b"") is not None

    return check


def answers_ok(host: str, port: int, path: str) -> Check:
    """Ready when GET `path` is answered with 200."""

    async def check() -> bool:
        request = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n"
        reply = await _request(host, port, request.encode())
        return reply is not None and reply.split(b" ")[1:2] == [b"200"]

    return check


async def _request(host: str, port: int, request: bytes) -> bytes | None:
    """The first line of the response, empty if `request` is empty; None without a connection."""
    try:
        async with asyncio.timeout(REQUEST_TIMEOUT_S):
            reader, writer = await asyncio.open_connection(host, port)
            with closing(writer):
                writer.write(request)
                return await reader.readline() if request else b""
    except (OSError, TimeoutError):
        return None
