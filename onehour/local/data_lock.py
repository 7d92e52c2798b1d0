"""The lock on the data directory: one `onehour run` per directory, and no leftover processes."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from core.errors import Conflict
from onehour.local.children import STOP_TIMEOUT_S, kill_session, process_start_time

POLL_INTERVAL_S = 0.05


class AlreadyRunning(Conflict):
    """Another `onehour run` uses this data directory."""

    code = "already_running"


@contextmanager
def data_directory_lock(data_dir: Path) -> Iterator[Callable[[Mapping[str, int]], None]]:
    """Locks the directory and yields a function that records the child processes in it.

    The function takes process ids by name. Child processes that a killed `onehour run` has left
    are stopped first. Raises `AlreadyRunning`.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    pid_file = data_dir / "run.pid"
    with (data_dir / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(
                f"The data directory {data_dir} is in use by another `onehour run`; stop that one,"
                " or set ONEHOUR_DATA_DIR to another directory."
            ) from error
        _stop_leftovers(pid_file)
        try:
            yield lambda pids: _record_pids(pid_file, pids)
        finally:
            pid_file.unlink(missing_ok=True)


def _record_pids(pid_file: Path, pids: Mapping[str, int]) -> None:
    recorded = {name: [pid, process_start_time(pid)] for name, pid in pids.items()}
    draft = pid_file.with_suffix(".draft")
    draft.write_text(json.dumps(recorded))
    draft.replace(pid_file)


def _stop_leftovers(pid_file: Path) -> None:
    """Sends SIGTERM to the recorded processes, waits, and kills those that still run."""
    running = _running(pid_file)
    for pid in running:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while _running(pid_file) and time.monotonic() < deadline:
        time.sleep(POLL_INTERVAL_S)
    for pid in _running(pid_file):
        kill_session(pid)
    while _running(pid_file):
        time.sleep(POLL_INTERVAL_S)


def _running(pid_file: Path) -> list[int]:
    """The recorded processes that still run. A reused id has another start time."""
    try:
        recorded = json.loads(pid_file.read_text())
    except (FileNotFoundError, ValueError):
        return []
    return [
        pid
        for pid, start_time in recorded.values()
        if start_time is not None and process_start_time(pid) == start_time
    ]
