"""Bounds how long the code of a plugin may keep the event loop.

A thread watches the running steps of plugins. One that takes too long is interrupted by an
exception in its code: in the main thread by a signal, which also ends a blocking call such as
`time.sleep`; in another thread as soon as Python code runs there again.
See docs/decisions/0049-plugins-are-interrupted.md.
"""

from __future__ import annotations

import ctypes
import gc
import signal
import threading
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from types import FrameType
from typing import Any, TypeVar

T = TypeVar("T")

STEP_S = 0.15
"""How long code of a plugin may run without awaiting something."""
CHECK_S = 0.02
IDLE_S = 1.0
"""How long the thread goes on looking after the last step."""
SIGNAL = signal.SIGURG
"""Without a handler it does nothing. Nothing else here uses it."""


class KeepsLoop(BaseException):
    """Raised in the code of a plugin that has kept the event loop for too long. No `Exception`, so
    that the plugin does not catch it by mistake."""


@dataclass(slots=True, eq=False)
class Step:
    """Code of a plugin that runs in a thread. `ends` is on the monotonic clock."""

    thread: int
    ends: float
    interrupted: bool = field(default=False)


class Watchdog:
    """Watches the steps of this process: at most one for each thread."""

    def __init__(self) -> None:
        self._steps = dict[int, Step]()
        self._lock = threading.Lock()
        self._wanted = threading.Event()
        self._watching: threading.Thread | None = None
        self._handles_signal = False

    def run(self, call: Callable[[], T], limit_s: float) -> T:
        """What the call returns. Raises what it raises, and `KeepsLoop` in its code when it takes
        longer. A call within another one has no limit of its own."""
        thread = threading.get_ident()
        if thread in self._steps:
            return call()
        self._prepare()
        step = Step(thread, time.monotonic() + limit_s)
        try:
            with self._lock:
                self._steps[thread] = step
            self._wanted.set()
            return call()
        finally:
            self._end(step)

    def _end(self, step: Step) -> None:
        with self._lock:
            self._steps.pop(step.thread, None)
        if step.interrupted:
            _take_back(step.thread)

    def _prepare(self) -> None:
        if self._watching is None or not self._watching.is_alive():
            self._watching = threading.Thread(target=self._watch, daemon=True, name="plugins")
            self._watching.start()
        if not self._handles_signal and threading.current_thread() is threading.main_thread():
            if signal.getsignal(SIGNAL) in (signal.SIG_DFL, signal.SIG_IGN):
                signal.signal(SIGNAL, self._interrupt)
            self._handles_signal = signal.getsignal(SIGNAL) == self._interrupt

    def _interrupt(self, _: int, frame: FrameType | None) -> None:
        """Runs in the main thread. It does not interrupt this module, nor a step that has ended,
        nor a garbage collection: another signal follows after `CHECK_S`."""
        step = self._steps.get(threading.get_ident())
        here = frame is not None and frame.f_globals is globals()
        if step and not here and time.monotonic() >= step.ends and not _is_collecting(frame):
            raise KeepsLoop

    def _watch(self) -> None:
        last = time.monotonic()
        while True:
            if time.monotonic() - last > IDLE_S:
                self._wanted.clear()
                self._wanted.wait()
            began = time.monotonic()
            time.sleep(CHECK_S)
            now = time.monotonic()
            last = now if self._steps else last
            self._check(now, stalled=max(now - began - 2 * CHECK_S, 0))

    def _check(self, now: float, *, stalled: float) -> None:
        """Time in which the machine has not even run this thread does not count."""
        with self._lock:
            for step in self._steps.values():
                step.ends += 0 if step.interrupted else stalled
                if now < step.ends:
                    continue
                if step.thread == threading.main_thread().ident and self._handles_signal:
                    signal.pthread_kill(step.thread, SIGNAL)
                elif not step.interrupted:
                    step.interrupted = True
                    _raise_in(step.thread, KeepsLoop)


WATCHDOG = Watchdog()


def run_step(call: Callable[[], T], limit_s: float | None = None) -> T:
    """The result of plain code of a plugin. Raises `KeepsLoop` in it after `STEP_S` seconds."""
    return WATCHDOG.run(call, STEP_S if limit_s is None else limit_s)


async def in_steps(awaitable: Awaitable[T]) -> T:
    """Await what a plugin does, with a limit for each of its steps between two awaits."""
    return await _Stepped(awaitable)


@dataclass(frozen=True, slots=True)
class _Stepped(Awaitable[T]):
    awaitable: Awaitable[T]

    def __await__(self) -> Generator[Any, Any, T]:
        inner = run_step(self.awaitable.__await__)
        resume: Callable[[], Any] = partial(next, inner)
        while True:
            try:
                waits_for = run_step(resume)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            try:
                sent = yield waits_for
            except GeneratorExit:
                inner.close()
                raise
            except BaseException as error:
                resume = partial(inner.throw, error)
            else:
                resume = partial(inner.send, sent)


def _is_collecting(frame: FrameType | None) -> bool:
    """Whether a callback of the garbage collector runs, which others have registered: it can begin
    in any line of a plugin, and the interpreter ignores what is raised in it."""
    callbacks = {getattr(callback, "__code__", None) for callback in gc.callbacks}
    while frame is not None and frame.f_globals is not globals():
        if frame.f_code in callbacks:
            return True
        frame = frame.f_back
    return False


def _raise_in(thread: int, error: type[BaseException]) -> None:
    """Raise an exception in a thread as soon as Python code runs there."""
    target = ctypes.py_object(error)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), target)


def _take_back(thread: int) -> None:
    """In the thread itself: an exception that was not raised yet would hit other code. Taking it
    away would leave the interpreter looking for it forever, so it is raised here."""
    with suppress(KeepsLoop):
        _raise_in(thread, KeepsLoop)
        for _ in range(1000):  # it is raised at a jump
            pass
