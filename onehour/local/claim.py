"""One house at a time per data folder, and nothing left over from the one before."""

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
from onehour.local.children import STOP_PATIENCE, birthmark, kill_session

POLL = 0.05


class AlreadyRunning(Conflict):
    """Another `onehour run` uses this data folder."""

    code = "already_running"


@contextmanager
def claimed(data_dir: Path) -> Iterator[Callable[[Mapping[str, int]], None]]:
    """Holds the folder and yields what notes the children's process ids in it.

    Children of a killed predecessor are ended first. Raises `AlreadyRunning`.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    notes = data_dir / "run.pid"
    with (data_dir / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(
                f"The data folder {data_dir} is in use by another `onehour run`; stop that one,"
                " or set ONEHOUR_DATA_DIR to another folder."
            ) from error
        _end_leftovers(notes)
        try:
            yield lambda pids: _note(notes, pids)
        finally:
            notes.unlink(missing_ok=True)


def _note(notes: Path, pids: Mapping[str, int]) -> None:
    marked = {name: [pid, birthmark(pid)] for name, pid in pids.items()}
    draft = notes.with_suffix(".draft")
    draft.write_text(json.dumps(marked))
    draft.replace(notes)


def _end_leftovers(notes: Path) -> None:
    """Asks them to stop, waits, and ends by force what does not."""
    living = _living(notes)
    for pid in living:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_PATIENCE
    while _living(notes) and time.monotonic() < deadline:
        time.sleep(POLL)
    for pid in _living(notes):
        kill_session(pid)
    while _living(notes):
        time.sleep(POLL)


def _living(notes: Path) -> list[int]:
    """The noted processes that still live; an id that now belongs to a stranger is not one."""
    try:
        noted = json.loads(notes.read_text())
    except (FileNotFoundError, ValueError):
        return []
    return [pid for pid, mark in noted.values() if mark is not None and birthmark(pid) == mark]
