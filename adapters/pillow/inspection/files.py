"""What is in a file, part by part."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from adapters.pillow.inspection import answers, texts, types
from core.files import Kind

HEAD = 16_384
"""Bytes from which the type is detected."""


class MoreMemoryNeeded(Exception):
    """The file is large, and the limits for large files apply."""


def load() -> None:
    """Import the decoders, and what they import at their first use."""
    types.detected(b"%PDF-1.7")


def answer_of(path: Path, name: str, *, memory: int, last: bool) -> Iterator[bytes]:
    """The parts of the answer but the end. Raises `InspectionRefused` and `MoreMemoryNeeded`."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    media_type, kind = types.detected(head)
    yield answers.facts(media_type=media_type, kind=kind.value)
    if kind is Kind.TEXT:
        yield from texts.parts(path)
