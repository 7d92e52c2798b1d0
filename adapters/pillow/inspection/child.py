"""Inspects one file in a process of its own, within limits of memory and time."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

from adapters.pillow.inspection.answers import Part, packed
from ports.inspection import InspectionRefused

NICE = 10
"""Requests of this machine come first."""
FILES_MAXIMUM = 32
PAGE = resource.getpagesize()


class Request(TypedDict):
    """`memory` is in bytes beyond what the supervisor has; `last` says that there is no larger
    limit to ask for; `seconds` are processor time, and `timeout_s` seconds of the clock."""

    path: str
    memory: int
    last: bool
    seconds: int
    timeout_s: float


def load_decoders() -> None:
    """Import what every child needs, before they are forked."""
    from adapters.pillow.inspection import files

    files.load()


def run(job: socket.socket, request: bytes) -> None:
    """Sends the answer to a request in JSON. Errors of decoders end it early."""
    asked: Request = json.loads(request)
    _limit(asked)
    job.settimeout(asked["timeout_s"])
    for part in _answer(asked):
        job.sendall(part)


def _answer(asked: Request) -> Iterator[bytes]:
    from adapters.pillow.inspection.files import answer_of
    from adapters.pillow.inspection.memory import MoreMemoryNeeded

    try:
        yield from answer_of(Path(asked["path"]), memory=asked["memory"], last=asked["last"])
    except MoreMemoryNeeded:
        yield packed(Part.MORE_MEMORY)
    except InspectionRefused as refused:
        yield packed(Part.REFUSED, refused.message.encode())
    yield packed(Part.END)


def _limit(asked: Request) -> None:
    """The kernel ends a child that takes too long, also inside a decoder."""
    os.nice(NICE)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 2)  # decoders print what is in files
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, asked["timeout_s"])
    memory = _address_space() + asked["memory"]
    limits = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: asked["seconds"],
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: FILES_MAXIMUM,
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in limits.items():
        resource.setrlimit(kind, (most, most))


def _address_space() -> int:
    """Bytes that this process has mapped already, mostly libraries."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * PAGE
