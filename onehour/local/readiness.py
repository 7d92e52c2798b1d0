"""Checks whether a child process answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import closing

Check = Callable[[], Awaitable[bool]]
REQUEST_TIMEOUT_S = 5.0
"""The longest time one check can take at the start."""
ANSWER_TIMEOUT_S = 10.0
"""The longest time one check of a running process can take: longer, because it may be busy."""


def accepts_connections(host: str, port: int) -> Check:
    """Ready when a TCP connection is accepted."""

    async def check() -> bool:
        try:
            async with asyncio.timeout(REQUEST_TIMEOUT_S):
                _, writer = await asyncio.open_connection(host, port)
        except (OSError, TimeoutError):
            return False
        writer.close()
        return True

    return check


def answers_ok(host: str, port: int, path: str, *, timeout_s: float = REQUEST_TIMEOUT_S) -> Check:
    """Ready when GET `path` is answered with 200."""
    request = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n"
    return answers(host, port, request.encode(), b"HTTP/1.1 200", timeout_s=timeout_s)


def answers(
    host: str, port: int, request: bytes, begins: bytes, *, timeout_s: float = ANSWER_TIMEOUT_S
) -> Check:
    """Ready when the first line of the answer begins like this. Without a `request` the server
    speaks first."""

    async def check() -> bool:
        reply = await _first_line(host, port, request, timeout_s)
        return reply is not None and reply.startswith(begins)

    return check


async def _first_line(host: str, port: int, request: bytes, timeout_s: float) -> bytes | None:
    """The first line the server sends; None without a connection or an answer."""
    try:
        async with asyncio.timeout(timeout_s):
            reader, writer = await asyncio.open_connection(host, port)
            with closing(writer):
                writer.write(request)
                return await reader.readline()
    except (OSError, TimeoutError):
        return None
