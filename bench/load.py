"""A small load generator: raw HTTP/1.1 on persistent connections, which needs little CPU time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import psutil


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def raw(self, host: str) -> bytes:
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: {host}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(self.body)}"]
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + self.body


@dataclass(slots=True)
class Figures:
    """The results of one scenario. `cpu_ms` is the server's CPU time per request."""

    times_ms: list[float] = field(default_factory=list)
    seconds: float = 0.0
    cpu_s: float = 0.0
    failed: int = 0

    @property
    def per_second(self) -> float:
        return len(self.times_ms) / self.seconds if self.seconds else 0.0

    @property
    def cpu_ms(self) -> float:
        return 1000 * self.cpu_s / max(1, len(self.times_ms))

    def percentile(self, percent: float) -> float:
        ordered = sorted(self.times_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else 0.0


class Connection:
    """One persistent connection; responses are read by their Content-Length."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: Request) -> tuple[int, bytes]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        writer.write(request.raw(f"{self._host}:{self._port}"))
        head = await reader.readuntil(b"\r\n\r\n")
        status, length = int(head[9:12]), 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line[15:])
            if line == b"connection: close":
                self._streams = None
        return status, await reader.readexactly(length)

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()


async def load(
    base_url: str,
    make: Callable[[int], Request],
    *,
    count: int,
    at_once: int,
    servers: list[psutil.Process],
    expect: tuple[int, ...] = (200,),
) -> Figures:
    """Sends `count` requests on `at_once` connections; `make` gets the number of the request.

    A response whose status is not in `expect` counts as failed.
    """
    figures, numbers = Figures(), iter(range(count))
    cpu_before, began = cpu_seconds(servers), time.perf_counter()

    async def work() -> None:
        connection = Connection(base_url)
        for number in numbers:
            sent = time.perf_counter()
            status, _ = await connection.ask(make(number))
            figures.times_ms.append(1000 * (time.perf_counter() - sent))
            figures.failed += status not in expect
        connection.close()

    await asyncio.gather(*(work() for _ in range(at_once)))
    figures.seconds = time.perf_counter() - began
    figures.cpu_s = cpu_seconds(servers) - cpu_before
    return figures


def cpu_seconds(servers: list[psutil.Process]) -> float:
    return sum(times.user + times.system for times in (server.cpu_times() for server in servers))
