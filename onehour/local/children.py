"""Starts, identifies and stops one child process."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from onehour.local.readiness import Check

PR_SET_PDEATHSIG = 1
STOP_TIMEOUT_S = 10.0
"""Between the request to stop (SIGTERM) and SIGKILL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A process to run.

    `ready` is polled until it returns True; without it the process is ready when it runs. `works`
    is asked as long as it runs: a process that lives but does not answer is killed and restarted.
    `environ` is added to our environment; `pass_fds` are file descriptors the process inherits.
    """

    name: str
    command: tuple[str, ...]
    ready: Check | None = None
    works: Check | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
    pass_fds: tuple[int, ...] = ()


async def start_process(child: Child, log: Path | None) -> asyncio.subprocess.Process:
    """Starts the process in its own session, so that Ctrl-C reaches only the parent.

    Its output is appended to `log`, or goes to our output without one. Raises `OSError` when the
    program does not exist.
    """
    output = log.open("ab") if log else None
    try:
        return await asyncio.create_subprocess_exec(
            *child.command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **child.environ},
            pass_fds=child.pass_fds,
            start_new_session=True,
            preexec_fn=_die_with_parent(),
        )
    finally:
        if output:
            output.close()


async def stop_process(process: asyncio.subprocess.Process) -> None:
    """Sends SIGTERM, waits up to `STOP_TIMEOUT_S`, and kills what is left of its session."""
    with suppress(ProcessLookupError):
        process.terminate()
    with suppress(TimeoutError):
        async with asyncio.timeout(STOP_TIMEOUT_S):
            await process.wait()
    kill_session(process.pid)
    await process.wait()


def kill_session(pid: int) -> None:
    """Kills the process and everything it has started; does nothing if they have ended."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def process_start_time(pid: int) -> str | None:
    """When the process with this id started; None if it does not run.

    Process ids are reused: id and start time together identify a process.
    """
    if sys.platform == "linux":
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return None
        state, *rest = stat.rpartition(")")[2].split()
        return None if state == "Z" else rest[18]
    command = ["ps", "-o", "lstart=", "-p", str(pid)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)
    return shown.stdout.strip() or None


def _die_with_parent() -> Callable[[], None] | None:
    """Linux only: the kernel terminates the child when this process ends for any reason."""
    if sys.platform != "linux":
        return None
    libc, parent = ctypes.CDLL(None), os.getpid()

    def in_child() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # the parent ended before the call
            os._exit(1)

    return in_child
