"""Starts child processes, restarts those that end, and stops all of them at the end."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from asyncio.subprocess import Process
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from core.errors import Unavailable
from onehour.local.children import Child, kill_session, start_process, stop_process

RecordPids = Callable[[Mapping[str, int]], None]

log = logging.getLogger(__name__)

START_TIMEOUT_S = 300.0
"""The longest time a child can take until it is ready: on a machine with much other work a process
that is ready after five seconds otherwise takes minutes. One that ends is reported at once."""
FIRST_RESTART_DELAY_S, LONGEST_RESTART_DELAY_S = 0.5, 30.0
"""Before a child that has ended is restarted: doubled while it ends soon, up to the longest."""
STABLE_AFTER_S = 10.0
"""A child that has run for so long did not end soon: its next delay is the first one."""
CHECK_INTERVAL_S = 5.0
"""Between two checks whether a running child still works."""
FAILURES_AT_MOST = 3
"""In a row: then the child is killed. Each check takes up to 10 seconds, so a child is killed
after about half a minute without an answer, and not because it is busy for a moment."""
LOG_TAIL_LINES = 15
POLL_INTERVAL_S = 0.05


class NotStarted(Unavailable):
    """A child process did not start."""

    code = "not_started"


class Supervisor:
    """Runs groups of children: started in order, stopped in reverse order, restarted one by one.

    As a context manager it stops all of them at the end. SIGINT and SIGTERM cancel the task that
    entered it, once; later signals are ignored, because stopping takes a limited time.
    """

    def __init__(
        self, *, logs: Path | None = None, record_pids: RecordPids = lambda pids: None
    ) -> None:
        """`logs` is the directory for one log file per child; without it they use our output.

        `record_pids` is called at every change with the process ids of the running children.
        """
        self._logs = logs
        self._record_pids = record_pids
        self._groups: list[list[_SupervisedChild]] = []
        self._stopping = False

    async def __aenter__(self) -> Self:
        task = asyncio.current_task()
        assert task is not None  # a coroutine always runs in one

        def stop() -> None:
            if not self._stopping:
                self._stopping = True
                task.cancel()

        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping = True
        for group in reversed(self._groups):
            await asyncio.gather(*[supervised.stop() for supervised in group])

    async def start(self, *children: Child) -> None:
        """Starts a group of children and returns when all are ready. Raises `NotStarted`."""
        started = [
            _SupervisedChild(child, self._log(child), self._on_process_started)
            for child in children
        ]
        self._groups.append(started)
        async with asyncio.TaskGroup() as starts:
            tasks = [starts.create_task(supervised.start()) for supervised in started]
        failed = [sentence for task in tasks if (sentence := task.result())]
        if failed:
            raise NotStarted("\n".join(failed))

    async def until_stopped(self) -> None:
        """Waits for cancellation."""
        await asyncio.Event().wait()

    def _on_process_started(self) -> None:
        started = [supervised for group in self._groups for supervised in group]
        self._record_pids(
            {supervised.child.name: supervised.pid for supervised in started if supervised.pid}
        )

    def _log(self, child: Child) -> Path | None:
        return rotate_log(self._logs, child.name) if self._logs else None


class _SupervisedChild:
    """One child and the task that restarts it."""

    def __init__(self, child: Child, log_file: Path | None, on_started: Callable[[], None]) -> None:
        self.child = child
        self._log_file = log_file
        self._on_process_started = on_started
        self._process: Process | None = None
        self._watch: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> str | None:
        """Starts it. Returns None when it is ready, otherwise a sentence with the reason."""
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                process = await self._start_process()
                if not await self._wait_until_ready(process):
                    return self._failure(f"it ended with status {process.returncode}")
        except TimeoutError:
            return self._failure(f"it was not ready after {START_TIMEOUT_S:.0f} seconds")
        except OSError as error:
            return self._failure(error)
        self._watch = asyncio.create_task(self._restart_when_ended(process))
        return None

    async def stop(self) -> None:
        """Stops it and no longer restarts it."""
        if self._watch:
            self._watch.cancel()
            with suppress(asyncio.CancelledError):
                await self._watch
        if self._process:
            await stop_process(self._process)

    async def _start_process(self) -> Process:
        self._process = await start_process(self.child, self._log_file)
        self._on_process_started()
        return self._process

    async def _wait_until_ready(self, process: Process) -> bool:
        while process.returncode is None:
            if self.child.ready is None or await self.child.ready():
                return process.returncode is None
            await asyncio.sleep(POLL_INTERVAL_S)
        return False

    async def _restart_when_ended(self, process: Process) -> None:
        delay: float | None = None
        while True:
            started_at = time.monotonic()
            status = await self._ended(process)
            kill_session(process.pid)
            delay = restart_delay(time.monotonic() - started_at, before=delay)
            log.warning(
                "%s ended with status %s; restarting in %s s.", self.child.name, status, delay
            )
            await asyncio.sleep(delay)
            with suppress(OSError):  # the system has no free processes: retried later
                process = await self._start_process()

    async def _ended(self, process: Process) -> int:
        """Waits for the end of the process, and kills it when it no longer works."""
        checking = asyncio.create_task(self._kill_when_silent(process))
        try:
            return await process.wait()
        finally:
            checking.cancel()

    async def _kill_when_silent(self, process: Process) -> None:
        failures, started_at, has_worked = 0, time.monotonic(), False
        while self.child.works and failures < FAILURES_AT_MOST:
            if await self.child.works():
                failures, has_worked = 0, True
            elif has_worked or time.monotonic() - started_at > START_TIMEOUT_S:
                failures += 1
            await asyncio.sleep(CHECK_INTERVAL_S if has_worked else FIRST_RESTART_DELAY_S)
        if self.child.works:
            log.error("%s runs but does not answer; it is killed and restarted.", self.child.name)
            kill_session(process.pid)

    def _failure(self, reason: object) -> str:
        sentence = f"{self.child.name} did not start: {reason}."
        return f"{sentence}\n{log_tail(self._log_file)}" if self._log_file else sentence


def restart_delay(lived_s: float, *, before: float | None) -> float:
    """Seconds until the restart of a child that has run for `lived_s` seconds. `before` is the
    delay of its last restart, None if this is the first."""
    if before is None or lived_s >= STABLE_AFTER_S:
        return FIRST_RESTART_DELAY_S
    return min(2 * before, LONGEST_RESTART_DELAY_S)


def rotate_log(folder: Path, name: str) -> Path:
    """Creates an empty log file; the file of the last run gets the suffix `.1`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.log"
    if path.exists():
        path.replace(path.with_suffix(".log.1"))
    path.touch()
    return path


def log_tail(path: Path) -> str:
    """The last lines of a log, and its path."""
    lines = path.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:]
    return "\n".join([*(f"    {line}" for line in lines), f"    ({path})"])
