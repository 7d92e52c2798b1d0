"""Publishing through Redis ends with its process."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from web.shared.live import PipelinedManager


class ConnectingPipeline:
    """Swallows a cancellation, as the client of Redis does while it connects."""

    def __init__(self, began: asyncio.Event) -> None:
        self.began = began

    async def __aenter__(self) -> ConnectingPipeline:
        return self

    async def __aexit__(self, *_: object) -> None: ...

    def publish(self, *_: object) -> None: ...

    async def execute(self) -> None:
        self.began.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()


class ConnectingRedis:
    def __init__(self, began: asyncio.Event) -> None:
        self.began = began

    def pipeline(self, **_: Any) -> ConnectingPipeline:
        return ConnectingPipeline(self.began)


async def test_a_publisher_that_is_cancelled_while_it_connects_ends() -> None:
    began = asyncio.Event()
    manager = PipelinedManager("redis://127.0.0.1:1/0", write_only=True)
    manager.redis = ConnectingRedis(began)  # type: ignore[assignment]
    manager.connected = True
    await manager.emit("event", {}, namespace="/", room="room")
    await began.wait()

    manager._draining.cancel()
    done, _ = await asyncio.wait([manager._draining], timeout=10)

    assert done == {manager._draining}
