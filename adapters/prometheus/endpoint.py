"""The endpoint that Prometheus scrapes: `GET /metrics`, in the text format."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from adapters.prometheus.metrics import Metrics
from adapters.prometheus.outbox import OutboxReader, OutboxState, families
from adapters.prometheus.processes import Processes

PATH = "/metrics"
TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class MetricsEndpoint:
    """An ASGI application. With a `token`, only who sends it as a bearer token gets an answer."""

    metrics: Metrics
    processes: Processes
    outbox: OutboxReader
    token: str | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        status, headers, body = await self._answer(scope)
        lines = [(name.encode(), value.encode()) for name, value in headers.items()]
        lines.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": lines})
        await send({"type": "http.response.body", "body": b"" if _is_head(scope) else body})

    async def _answer(self, scope: Any) -> tuple[int, dict[str, str], bytes]:
        if not self._is_allowed(dict(scope["headers"]).get(b"authorization", b"")):
            wanted = {"content-type": TEXT, "www-authenticate": "Bearer"}
            return 401, wanted, b"A bearer token is needed.\n"
        if scope["path"] != PATH:
            return 404, {"content-type": TEXT}, f"Metrics are at {PATH}.\n".encode()
        if scope["method"] not in ("GET", "HEAD"):
            return 405, {"content-type": TEXT, "allow": "GET, HEAD"}, b"Use GET.\n"
        return 200, {"content-type": CONTENT_TYPE_LATEST}, await self.exposition()

    def _is_allowed(self, header: bytes) -> bool:
        return self.token is None or hmac.compare_digest(header, b"Bearer " + self.token.encode())

    async def exposition(self) -> bytes:
        """All metrics as text. They are formatted in a thread, because with many routes that takes
        some milliseconds."""
        return await asyncio.to_thread(self._text, await self.outbox.state())

    def _text(self, state: OutboxState | None) -> bytes:
        return generate_latest(_Everything(self, state))


@dataclass(frozen=True, slots=True)
class _Everything(Collector):
    """All metrics of one scrape."""

    endpoint: MetricsEndpoint
    state: OutboxState | None

    def collect(self) -> Iterable[Metric]:
        yield from self.endpoint.processes.collect(self.endpoint.metrics.registry)
        yield from families(self.state)


async def _live(receive: Any, send: Any) -> None:
    """Begin and end of the server: nothing is to be done."""
    while (event := (await receive())["type"]) != "lifespan.shutdown":
        await send({"type": f"{event}.complete"})
    await send({"type": "lifespan.shutdown.complete"})


def _is_head(scope: Any) -> bool:
    return bool(scope["method"] == "HEAD")
