"""The worker: a Celery consumer for what is rung for, and a relay that polls for the rest.

Both run in one process on one event loop. The relay needs no Redis, so deadlines are kept and
periodic jobs run while Redis is away; Celery only makes things faster.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any, Protocol, TypeVar

from celery import Celery
from celery.signals import worker_init, worker_shutdown

from adapters.celery.app import TASK

log = logging.getLogger(__name__)

T = TypeVar("T")

POLL_S = 1.0
PERIODIC_POLL_S = 3.0
"""How late a periodic job may start."""
PERIODIC_STOP_S = 5.0
"""When the worker stops, a periodic job that runs longer than this is cancelled."""
SLOW_S = 0.1
BATCH = 32
START_S = 60.0
STOP_S = 15.0


class Relay(Protocol):
    """What the worker runs: started once on the worker's own event loop."""

    async def start(self) -> None: ...
    async def start_due(self, *, limit: int) -> Sequence[asyncio.Task[None]]:
        """Begin what is due, up to `limit`."""
        ...

    async def start_periodic(self) -> Sequence[asyncio.Task[None]]:
        """Begin the periodic jobs that are due."""
        ...

    async def run_due(self, *, limit: int, only: Sequence[str] = ()) -> int: ...
    async def stop(self) -> None: ...


class WorkerLoop:
    """An event loop in a thread, for everything asynchronous in a Celery process."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name="relay")
        self._polling: list[Future[None]] = []

    def start(self) -> None:
        self._thread.start()
        self.run(self._relay.start, START_S)
        self._polling = [
            asyncio.run_coroutine_threadsafe(poll(), self._loop)
            for poll in (self._poll, self._poll_periodic)
        ]

    def run_ids(self, ids: Sequence[str]) -> None:
        self.run(lambda: self._relay.run_due(limit=BATCH, only=ids), START_S)

    def run(self, call: Callable[[], Awaitable[T]], patience_s: float) -> T:
        async def called() -> T:
            return await call()

        return asyncio.run_coroutine_threadsafe(called(), self._loop).result(patience_s)

    def stop(self) -> None:
        """Let the running batch end, then close what `start` opened."""
        self._loop.call_soon_threadsafe(self._stopping.set)
        for polling in self._polling:
            polling.result(STOP_S)
        self.run(self._relay.stop, STOP_S)
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _poll(self) -> None:
        """Keep up to `BATCH` effects at work; slow ones take their own places only."""
        running: set[asyncio.Task[None]] = set()
        while not self._stopping.is_set():
            free = BATCH - len(running)
            started = await _start(partial(self._relay.start_due, limit=free)) if free else ()
            running.update(started)
            if len(started) < free:
                await asyncio.sleep(POLL_S)
                running = {task for task in running if not task.done()}
            else:
                running = await _half_done(running)
        await asyncio.gather(*running, return_exceptions=True)

    async def _poll_periodic(self) -> None:
        """Apart from the outbox, so that neither waits for the other."""
        running: set[asyncio.Task[None]] = set()
        while not self._stopping.is_set():
            running.update(await _start(self._relay.start_periodic))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), PERIODIC_POLL_S)
            running = {task for task in running if not task.done()}
        if running:
            _, late = await asyncio.wait(running, timeout=PERIODIC_STOP_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


async def _start(
    due: Callable[[], Awaitable[Sequence[asyncio.Task[None]]]],
) -> Sequence[asyncio.Task[None]]:
    try:
        return await due()
    except Exception as error:  # the database is away: it will be asked again
        log.warning("the relay could not look for work: %r", error)
        return ()


async def _half_done(running: set[asyncio.Task[None]]) -> set[asyncio.Task[None]]:
    """What still runs when half has ended, or when nothing more ends soon: claims of many
    cost no more than claims of one."""
    while len(running) > BATCH // 2:
        done, running = await asyncio.wait(
            running, timeout=SLOW_S, return_when=asyncio.FIRST_COMPLETED
        )
        if not done:
            break
    return running


def serve(app: Celery, relay: Relay, *, concurrency: int = 8) -> None:
    """Work until SIGTERM or SIGINT; running effects are finished first."""
    runner = WorkerLoop(relay)
    task = app.task(name=TASK)(runner.run_ids)
    assert task.name == TASK

    def started(**_: Any) -> None:
        runner.start()
        log.info("worker ready")

    def stopped(**_: Any) -> None:
        runner.stop()

    worker_init.connect(started, weak=False)
    worker_shutdown.connect(stopped, weak=False)
    app.worker_main(
        [
            "worker", "--pool=threads", f"--concurrency={concurrency}", "--without-gossip",
            "--without-mingle", "--without-heartbeat", "--loglevel=WARNING",
        ]
    )  # fmt: skip
