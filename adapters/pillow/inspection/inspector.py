"""Inspects files in children of a supervisor: some small ones at once, a large one alone."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from adapters.pillow.inspection.answers import ANSWER_MAXIMUM, Answer
from ports.inspection import Inspection, InspectionUnavailable, Inspector

log = logging.getLogger(__name__)

MEMORY_MAXIMUM = 150_000_000
"""Bytes for all children together, beyond the 24 MB of the supervisor."""
AT_ONCE = 2
"""Small files. Each has a part of the memory; a large file has all of it, and is alone."""
SECONDS_SMALL, SECONDS_LARGE = 5, 15
"""Of processor time. A picture of 50 megapixels takes about one second."""
TIMEOUT_S = 60.0
"""Until a child ends in any case, however busy the machine is."""
GRACE_S = 5.0
"""The kernel ends a child at the time-out; this process waits a little longer."""


class ChildInspector(Inspector):
    """Nothing is started before the first file. `memory` and `at_once` are for all files of this
    process; more files wait, each as a path, so that waiting costs nothing."""

    def __init__(
        self,
        *,
        memory: int = MEMORY_MAXIMUM,
        at_once: int = AT_ONCE,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._memory = memory
        self._at_once = at_once
        self._timeout_s = timeout_s
        self._small = asyncio.Semaphore(at_once)
        self._one_large = asyncio.Lock()
        self._supervisor: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    async def inspect(self, path: Path, *, name: str) -> Inspection:
        """The name is of no use here: everything comes from the content."""
        async with self._small:
            answer = await self._ask(path, is_large=False)
        if answer.wants_memory or not (answer.complete or answer.refused):
            async with self._alone():
                answer = await self._ask(path, is_large=True)
        if not answer.complete and answer.refused is None:
            log.info("a file could not be inspected as a whole: %s", path.name)
        return answer.inspection()

    async def close(self) -> None:
        """The supervisor ends when its socket closes, and ends its children."""
        if self._control:
            self._control.close()
        if self._supervisor:
            await asyncio.to_thread(self._supervisor.wait)
        self._control = self._supervisor = None

    @contextlib.asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        async with self._one_large, contextlib.AsyncExitStack() as stack:
            for _ in range(self._at_once):
                await stack.enter_async_context(self._small)
            yield

    async def _ask(self, path: Path, *, is_large: bool) -> Answer:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.setblocking(False)
            request = {
                "path": str(path),
                "memory": self._memory if is_large else self._memory // self._at_once,
                "last": is_large,
                "seconds": SECONDS_LARGE if is_large else SECONDS_SMALL,
                "timeout_s": self._timeout_s,
            }
            ours.send(json.dumps(request).encode())
            self._hand_over(theirs)
            theirs.close()
            return Answer.parse(await self._received(ours))

    async def _received(self, job: socket.socket) -> bytes:
        """All that the child sends until it ends, or until there is too much of it."""
        loop = asyncio.get_running_loop()
        received = bytearray()
        with contextlib.suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(self._timeout_s + GRACE_S):
                while len(received) <= ANSWER_MAXIMUM:
                    more = await loop.sock_recv(job, 65_536)
                    if not more:
                        break
                    received += more
        return bytes(received)

    def _hand_over(self, job: socket.socket) -> None:
        """Starts the supervisor, also again when it has ended. Raises `InspectionUnavailable`."""
        for _ in range(2):
            control = self._running()
            try:
                socket.send_fds(control, [b"J"], [job.fileno()])
                return
            except OSError:
                control.close()
                self._control = None
        raise InspectionUnavailable

    def _running(self) -> socket.socket:
        if self._control and self._supervisor and self._supervisor.poll() is None:
            return self._control
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self._supervisor = subprocess.Popen(
                    [sys.executable, "-m", "adapters.pillow.inspection.supervisor"],
                    stdin=theirs.fileno(),
                    env=_environment(),
                    start_new_session=True,
                )
            except OSError as error:
                ours.close()
                raise InspectionUnavailable from error
        self._control = ours
        return ours


def _environment() -> dict[str, str]:
    """Where modules are found, and no secret of this process."""
    return {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PATH": os.defpath}
