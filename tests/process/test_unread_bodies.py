"""Requests that are refused before their body has arrived: no client loses an answer."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from onehour.unread_bodies import SHORT_REST_S
from tests.patience import PATIENCE_S
from tests.process.running import RunningApp

pytestmark = pytest.mark.process

REFUSED = [
    ("/api/v1/auth/sessions-of-nobody", 404, b"{}"),
    ("/login", 403, b"email=a%40example.com"),
    ("/api/v1/bookings", 401, b'{"developer_id": "x"}'),
    ("/api/v1/auth/token", 422, b'{"unknown": 1}'),
    ("/rules", 405, b"x" * 30_000),
]
"""Path, status and body. A JSON body without cookies is that of a program."""
FORM = "application/x-www-form-urlencoded"
TOO_LARGE = 3_000_000


class Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def head(self, path: str, length: str) -> None:
        lines = [f"POST {path} HTTP/1.1", "Host: x", length]
        lines += [f"{name}: {value}" for name, value in headers_for(path).items()]
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        await self.writer.drain()

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        async with asyncio.timeout(PATIENCE_S):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.strip().split("\r\n")
            headers = {name.lower(): value for name, _, value in (x.partition(": ") for x in lines)}
            body = await self.reader.readexactly(int(headers["content-length"]))
        return int(first.split()[1]), headers, body

    async def is_closed(self) -> bool:
        """Ended by the server, without a reset."""
        async with asyncio.timeout(PATIENCE_S):
            return await self.reader.read() == b""


def headers_for(path: str) -> dict[str, str]:
    if path == "/api/v1/bookings":
        return {"Content-Type": "application/json", "Authorization": "Bearer wrong"}
    return {"Content-Type": "application/json" if path.startswith("/api/") else FORM}


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Connection]:
    connection = Connection(*await asyncio.open_connection("127.0.0.1", port))
    try:
        yield connection
    finally:
        connection.writer.close()


async def test_a_connection_goes_on_after_bodies_that_arrive_later_than_the_refusal(
    running: RunningApp,
) -> None:
    async def send(connection: Connection, path: str, body: bytes) -> None:
        await connection.head(path, f"Content-Length: {len(body)}")
        await asyncio.sleep(0.02)
        connection.writer.write(body)

    await one_connection_takes_all(running.port, send, times=6)


async def test_chunks_that_arrive_later_than_the_refusal_are_read_too(running: RunningApp) -> None:
    async def send(connection: Connection, path: str, body: bytes) -> None:
        await connection.head(path, "Transfer-Encoding: chunked")
        await asyncio.sleep(0.02)
        connection.writer.write(b"%x\r\n%b\r\n" % (len(body), body))
        await connection.writer.drain()
        connection.writer.write(b"0\r\n\r\n")

    await one_connection_takes_all(running.port, send, times=3)


async def one_connection_takes_all(
    port: int, send: Callable[[Connection, str, bytes], Awaitable[None]], *, times: int
) -> None:
    """Once more if the machine has paused for as long as the server waits for a body."""
    has_paused = True
    while has_paused:
        has_paused = False
        async with connected(port) as connection:
            for path, status, body in REFUSED * times:
                began = time.monotonic()
                await send(connection, path, body)

                found, headers, _ = await connection.answer()

                assert (path, found) == (path, status)
                has_paused = "connection" in headers and time.monotonic() - began > SHORT_REST_S / 2
                if has_paused:
                    break
                assert "connection" not in headers, path


async def test_a_body_that_does_not_arrive_ends_the_connection_and_the_answer_says_so(
    running: RunningApp,
) -> None:
    async with connected(running.port) as connection:
        await connection.head("/nothing-here", "Content-Length: 100")

        status, headers, body = await connection.answer()
        connection.writer.write(b"x" * 100)

        assert (status, headers["connection"]) == (404, "close")
        assert body
        assert await connection.is_closed()


async def test_a_body_that_is_too_large_can_be_sent_to_its_end(running: RunningApp) -> None:
    """Its client reads only afterwards: a reset connection would have lost the answer."""
    async with connected(running.port) as connection:
        await connection.head("/login", f"Content-Length: {TOO_LARGE}")
        for _ in range(TOO_LARGE // 100_000):
            connection.writer.write(b"x" * 100_000)
            await connection.writer.drain()
            await asyncio.sleep(0.01)

        status, headers, body = await connection.answer()

        assert (status, headers["connection"]) == (413, "close")
        assert b"too large" in body
        assert await connection.is_closed()


async def test_a_client_with_few_connections_gets_every_answer(running: RunningApp) -> None:
    """httpx sends the head and the body one after the other, and reuses its connections."""
    large = ("/login", 413, b"x" * 1_100_000)
    seen: Counter[int] = Counter()
    limits = httpx.Limits(max_connections=4)
    async with httpx.AsyncClient(
        base_url=running.base_url, limits=limits, timeout=PATIENCE_S
    ) as client:

        async def ask(path: str, body: bytes) -> None:
            answer = await client.post(path, content=body, headers=headers_for(path))
            seen[answer.status_code] += 1

        every = [*REFUSED, large]
        await asyncio.gather(*(ask(path, body) for path, _, body in every * 40))

    assert seen == {status: 40 for _, status, _ in every}
