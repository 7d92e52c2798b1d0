"""Keeps child processes alive, and leaves none behind."""

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
from onehour.local.children import Child, begin, end, kill_session

Note = Callable[[Mapping[str, int]], None]

log = logging.getLogger(__name__)

START_PATIENCE = 60.0
"""Seconds a child has until it must be ready."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds before a dead child is begun again: doubled each time, up to the longest."""
SETTLED = 60.0
"""After this many seconds of life the next death counts as the first one."""
LAST_LINES = 15
POLL = 0.05


class NotStarted(Unavailable):
    """A child process did not come up."""

    code = "not_started"


class Supervisor:
    """Children in groups: begun in order, ended in reverse, restarted singly when they die.

    As a context manager it ends them all on the way out. SIGINT and SIGTERM cancel the
    task that opened it, once; later ones are ignored, because stopping has an end.
    """

    def __init__(self, *, logs: Path | None = None, note: Note = lambda pids: None) -> None:
        """`logs`: the folder for one file per child; without it they write where we write.

        `note` hears the living children's process ids by name, at every change.
        """
        self._logs = logs
        self._note = note
        self._groups: list[list[_Keeper]] = []
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
            await asyncio.gather(*[keeper.stop() for keeper in group])

    async def start(self, *children: Child) -> None:
        """Begins them together; returns when all are ready. Raises `NotStarted`."""
        keepers = [_Keeper(child, self._log(child), self._begun) for child in children]
        self._groups.append(keepers)
        async with asyncio.TaskGroup() as starts:
            begun = [starts.create_task(keeper.start()) for keeper in keepers]
        failed = [sentence for task in begun if (sentence := task.result())]
        if failed:
            raise NotStarted("\n".join(failed))

    async def until_stopped(self) -> None:
        """Returns by cancellation only."""
        await asyncio.Event().wait()

    def _begun(self) -> None:
        keepers = [keeper for group in self._groups for keeper in group]
        self._note({keeper.child.name: keeper.pid for keeper in keepers if keeper.pid})

    def _log(self, child: Child) -> Path | None:
        return fresh_log(self._logs, child.name) if self._logs else None


class _Keeper:
    """One child and the task that begins it again."""

    def __init__(self, child: Child, log_file: Path | None, begun: Callable[[], None]) -> None:
        self.child = child
        self._log_file = log_file
        self._begun = begun
        self._process: Process | None = None
        self._watch: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """Its process id while it lives."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> str | None:
        """Nothing when it is ready, otherwise the sentence that says why not."""
        try:
            async with asyncio.timeout(START_PATIENCE):
                process = await self._begin()
                if not await self._becomes_ready(process):
                    return self._said(f"it ended with status {process.returncode}")
        except TimeoutError:
            return self._said(f"it was not ready after {START_PATIENCE:.0f} seconds")
        except OSError as error:
            return self._said(error)
        self._watch = asyncio.create_task(self._keep(process))
        return None

    async def stop(self) -> None:
        if self._watch:
            self._watch.cancel()
            with suppress(asyncio.CancelledError):
                await self._watch
        if self._process:
            await end(self._process)

    async def _begin(self) -> Process:
        self._process = await begin(self.child, self._log_file)
        self._begun()
        return self._process

    async def _becomes_ready(self, process: Process) -> bool:
        while process.returncode is None:
            if self.child.ready is None or await self.child.ready():
                return process.returncode is None
            await asyncio.sleep(POLL)
        return False

    async def _keep(self, process: Process) -> None:
        pause = FIRST_PAUSE
        while True:
            begun_at = time.monotonic()
            status = await process.wait()
            kill_session(process.pid)
            if time.monotonic() - begun_at > SETTLED:
                pause = FIRST_PAUSE
            log.warning("%s ended with status %s; again in %s s.", self.child.name, status, pause)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            with suppress(OSError):  # no more processes, for now: the pause grows
                process = await self._begin()

    def _said(self, reason: object) -> str:
        sentence = f"{self.child.name} did not start: {reason}."
        return f"{sentence}\n{last_lines(self._log_file)}" if self._log_file else sentence


def fresh_log(folder: Path, name: str) -> Path:
    """An empty log file; the one of the last run keeps the ending `.1`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.log"
    if path.exists():
        path.replace(path.with_suffix(".log.1"))
    path.touch()
    return path


def last_lines(path: Path) -> str:
    """The end of a log, and where the whole of it is."""
    lines = path.read_text(errors="replace").splitlines()[-LAST_LINES:]
    return "\n".join([*(f"    {line}" for line in lines), f"    ({path})"])
