"""Outbox messages of files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.outbox import Payload


@dataclass(frozen=True, slots=True)
class CheckFile(Payload):
    """Check an uploaded file, and make it final or refuse it."""

    kind: ClassVar[str] = "files.check"
    file: str


@dataclass(frozen=True, slots=True)
class ScanFile(Payload):
    """Have a checked file scanned for viruses, and make it final or refuse it."""

    kind: ClassVar[str] = "files.scan"
    file: str


@dataclass(frozen=True, slots=True)
class RemoveBytes(Payload):
    """Remove the stored objects of a file whose record is gone. `names` are those of its objects
    among the final ones, separated by spaces."""

    kind: ClassVar[str] = "files.remove"
    file: str
    names: str = ""
