"""One hostile file, and what its inspection must give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.files import Kind


@dataclass(frozen=True, slots=True)
class HostileFile:
    """`name` and `declared_type` are what the sender says. `kind` is the result of an inspection,
    None if it is refused; `pictures` says whether there are previews that are pictures."""

    make: Callable[[], bytes]
    kind: Kind | None
    name: str = "file.bin"
    declared_type: str = "application/octet-stream"
    pictures: bool = False


def text(content: str | bytes, name: str = "notes.txt") -> HostileFile:
    """A file that is shown as text alone."""
    made = content.encode() if isinstance(content, str) else content
    return HostileFile(lambda: made, Kind.TEXT, name, "text/plain")


def other(content: bytes, name: str = "file.bin") -> HostileFile:
    """A file that can be downloaded, and nothing else."""
    return HostileFile(lambda: content, Kind.OTHER, name)
