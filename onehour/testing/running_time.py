"""Measures of time for tests of "at once" and "within a second", on a machine with other work.

A clock also counts the time in which the machine ran other processes, or stood still. Here a thread
adds up its own short pauses, which are as many as the machine lets it make, and the CPU time of
code that does not let it run."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import time
from typing import Self

TICK_S = 0.005


class WithoutCollections:
    """No garbage collection runs in the block: it would look at what earlier tests have left."""

    def __enter__(self) -> Self:
        self._was_enabled = gc.isenabled()
        gc.disable()
        return self

    def __exit__(self, *_: object) -> None:
        if self._was_enabled:
            gc.enable()


class CpuTime(WithoutCollections):
    """`with CpuTime() as took: ...` measures the CPU time of this thread: `took.seconds`, after the
    block. Other work of the machine does not count, and waiting does not."""

    def __enter__(self) -> Self:
        super().__enter__()
        self._began = time.thread_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.thread_time() - self._began
        super().__exit__()


class WorkTime(WithoutCollections):
    """The same for all threads of this process, and its child processes that end in the block."""

    def __enter__(self) -> Self:
        super().__enter__()
        self._began = _work_s()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = _work_s() - self._began
        super().__exit__()


def _work_s() -> float:
    return sum(os.times()[:4])


class RunningTime(WithoutCollections):
    """`with RunningTime() as took: ...` measures the block: `took.seconds`, also within it. Work
    that blocks the event loop counts, as well as waiting; what is waited for should not be the work
    of another process, which may be slowed down more than this one."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._count, daemon=True, name="running time")

    def __enter__(self) -> Self:
        super().__enter__()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        super().__exit__()

    def _count(self) -> None:
        """While a pause lasts much longer than it should, only CPU time counts."""
        while not self._ended.is_set():
            began, worked = time.monotonic(), time.process_time()
            self._ended.wait(TICK_S)
            lasted, worked = time.monotonic() - began, time.process_time() - worked
            self.seconds += min(lasted, max(2 * TICK_S, worked))


async def happens(event: asyncio.Event, *, within_s: float) -> bool:
    """Whether it happens in so many seconds of running time; returns at once when it does."""
    with RunningTime() as passed:
        while not event.is_set() and passed.seconds < within_s:  # noqa: ASYNC110 - for a limited time
            await asyncio.sleep(TICK_S)
    return event.is_set()
