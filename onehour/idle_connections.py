"""How long connections may be idle, without tasks that begin and end with each request.

Hypercorn starts two tasks when a connection becomes idle, and cancels them when a request arrives.
Here it is one timer, and one task for all connections of a server.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from hypercorn.asyncio.worker_context import AsyncioSingleTask, WorkerContext


class IdleTime(AsyncioSingleTask):
    """Of one connection: `close` is called when it has been idle for `seconds`, or is idle while
    the server stops. In the place of the task that Hypercorn restarts and stops."""

    def __init__(self, context: WorkerContext, seconds: float, close: Callable[[], None]) -> None:
        super().__init__()
        self._context, self._seconds, self._close = context, seconds, close
        self._server = _Server.of(context)
        self._timer: asyncio.TimerHandle | None = None

    async def restart(self, task_group: object, action: object) -> None:
        """The connection is idle from now on."""
        self._end()
        if self._context.terminated.is_set():
            self._close()
            return
        self._timer = asyncio.get_running_loop().call_later(self._seconds, self.close)
        self._server.idle.add(self)

    async def stop(self) -> None:
        """A request has arrived, or the connection has ended."""
        self._end()

    def close(self) -> None:
        self._end()
        self._close()

    def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._server.idle.discard(self)


class _Server:
    """The idle connections of one server, which are closed when it stops."""

    _all: ClassVar[WeakKeyDictionary[Any, _Server]] = WeakKeyDictionary()

    def __init__(self, context: WorkerContext) -> None:
        self.idle = set[IdleTime]()
        self._stopping = asyncio.create_task(self._until_stopped(context))

    @classmethod
    def of(cls, context: WorkerContext) -> _Server:
        if context not in cls._all:
            cls._all[context] = cls(context)
        return cls._all[context]

    async def _until_stopped(self, context: WorkerContext) -> None:
        await context.terminated.wait()
        for each in tuple(self.idle):
            each.close()
