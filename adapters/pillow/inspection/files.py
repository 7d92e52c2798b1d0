"""What is in a file, part by part."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from adapters.pillow.inspection import answers, archives, pdfs, pictures, tars, texts, types
from core.files import Kind

HEAD = 16_384
"""Bytes from which the type is detected."""
ZIP, TAR, GZIP = "application/zip", "application/x-tar", "application/gzip"
WARM_UP = (b"%PDF-1.7\n", b"\xe9" * 40, b"\0" * 40)
"""Heads at which the detection of types and encodings imports its modules."""


def load() -> None:
    """Load the decoders and what they import at their first use."""
    pictures.load()
    for head in WARM_UP:
        types.detected(head)


def answer_of(path: Path, *, memory: int, last: bool) -> Iterator[bytes]:
    """The parts of the answer but the end. Raises `InspectionRefused`, `MoreMemoryNeeded`, and many
    kinds of errors of decoders."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    media_type, kind = types.detected(head)
    yield answers.facts(media_type=media_type, kind=kind.value)
    if kind is Kind.TEXT:
        yield from texts.parts(path)
    elif kind is Kind.IMAGE:
        yield from pictures.parts(path, memory=memory, last=last)
    elif kind is Kind.PDF:
        yield from pdfs.parts(path, last=last)
    elif media_type == ZIP:
        yield from archives.parts(path)
    elif media_type in (TAR, GZIP):
        yield from tars.parts(path, packed=media_type == GZIP)
