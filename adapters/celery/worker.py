"""The worker: a Celery consumer for wake-ups, and a relay that polls.

Both run in one process on one event loop. The relay does not need Redis, so deadlines and
periodic jobs run while Redis is unavailable; Celery only makes it faster.
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
from celery.apps import worker as celery_worker
from celery.signals import worker_init, worker_shutdown

from adapters.celery.app import TASK

log = logging.getLogger(__name__)

T = TypeVar("T")
NewLoop = Callable[[], asyncio.AbstractEventLoop]

POLL_S = 1.0
PERIODIC_POLL_S = 3.0
"""The maximum delay of a periodic job."""
PERIODIC_STOP_S = 5.0
"""A periodic job that runs longer than this after the worker was stopped is cancelled."""
SLOW_S = 0.1
BATCH = 32
START_S = 60.0
STOP_S = 15.0


class Relay(Protocol):
    """What the worker runs. `start` is called once, on the worker's event loop."""

    async def start(self) -> None: ...
    async def start_due(self, *, limit: int) -> Sequence[asyncio.Task[None]]:
        """Start at most `limit` due messages."""
        ...

    async def start_periodic(self) -> Sequence[asyncio.Task[None]]:
        """Start the due periodic jobs."""
        ...

    async def run_due(self, *, limit: int, only: Sequence[str] = ()) -> int:
        """Run due messages, only those with these ids if given; returns their number."""
        ...

    async def stop(self) -> None: ...


class WorkerLoop:
    """An event loop in a thread, on which a Celery process runs the relay."""

    def __init__(self, relay: Relay, new_loop: NewLoop = asyncio.new_event_loop) -> None:
        self._relay = relay
        self._loop = new_loop()
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

    def run(self, call: Callable[[], Awaitable[T]], timeout_s: float) -> T:
        async def called() -> T:
            return await call()

        return asyncio.run_coroutine_threadsafe(called(), self._loop).result(timeout_s)

    def stop(self) -> None:
        """Wait for running messages, then stop the relay."""
        self._loop.call_soon_threadsafe(self._stopping.set)
        for polling in self._polling:
            polling.result(STOP_S)
        self.run(self._relay.stop, STOP_S)
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _poll(self) -> None:
        """Run up to `BATCH` messages concurrently, so that slow ones do not delay the others."""
        running: set[asyncio.Task[None]] = set()
        while not self._stopping.is_set():
            free = BATCH - len(running)
            started = await _start(partial(self._relay.start_due, limit=free)) if free else ()
            running.update(started)
            if len(started) < free:
                await asyncio.sleep(POLL_S)
                running = {task for task in running if not task.done()}
            else:
                running = await _wait_for_half(running)
        await asyncio.gather(*running, return_exceptions=True)

    async def _poll_periodic(self) -> None:
        """Separate from the outbox, so that neither waits for the other."""
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
    except Exception as error:  # the database is unavailable: the next poll tries again
        log.warning("the relay could not poll: %r", error)
        return ()


async def _wait_for_half(running: set[asyncio.Task[None]]) -> set[asyncio.Task[None]]:
    """Wait until half of the batch has ended or nothing ends for `SLOW_S`; returns what still runs.
    Claiming many messages costs no more than claiming one."""
    while len(running) > BATCH // 2:
        done, running = await asyncio.wait(
            running, timeout=SLOW_S, return_when=asyncio.FIRST_COMPLETED
        )
        if not done:
            break
    return running


def serve(
    app: Celery,
    relay: Relay,
    *,
    concurrency: int = 8,
    new_loop: NewLoop = asyncio.new_event_loop,
) -> None:
    """Run until SIGTERM or SIGINT; running messages are finished first."""
    loop = WorkerLoop(relay, new_loop)
    task = app.task(name=TASK)(loop.run_ids)
    assert task.name == TASK

    def started(**_: Any) -> None:
        loop.start()
        log.info("worker ready")

    def stopped(**_: Any) -> None:
        loop.stop()

    worker_init.connect(started, weak=False)
    worker_shutdown.connect(stopped, weak=False)
    vars(celery_worker)["safe_say"] = _say
    app.worker_main(
        [
            "--quiet", "worker", "--pool=threads", f"--concurrency={concurrency}",
            "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=WARNING",
        ]
    )  # fmt: skip


def _say(text: object, *_: object) -> None:
    """Celery prints some lines about its stop: they belong into the log."""
    log.info("%s", text)
