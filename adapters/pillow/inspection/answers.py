"""What a child sends about a file: parts, each with a letter and a length, over a socket.

The decoders in the child read hostile bytes, so the application believes nothing: types, sizes and
names are checked here once more.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from core.files import ArchiveEntry, EntryKind, Kind, PreviewName
from ports.inspection import (
    ENTRIES_MAXIMUM,
    PICTURE_TYPES,
    SIDES,
    TEXT_BYTES_MAXIMUM,
    TEXT_TYPE,
    Inspection,
    InspectionRefused,
    MadePreview,
)

ANSWER_MAXIMUM = 8_000_000
"""Bytes of a whole answer. Two pictures have about half a megabyte."""
UNKNOWN_TYPE = "application/octet-stream"
_HEAD = struct.Struct(">cI")


class Part(Enum):
    FACTS = b"F"
    """A JSON object with fields of an `Inspection`; later ones are added to earlier ones."""
    PREVIEW = b"P"
    """A JSON object in one line, and the content of a preview after it."""
    REFUSED = b"R"
    """The sentence of a refusal."""
    MORE_MEMORY = b"M"
    """The child needs the limits of a large file; the answer is to be ignored."""
    END = b"E"
    """The answer is complete. Without it the child was stopped by a limit or an error."""


def packed(part: Part, content: bytes = b"") -> bytes:
    return _HEAD.pack(part.value, len(content)) + content


def facts(**fields: object) -> bytes:
    """A part with these fields; dataclasses and enums become JSON by their values."""
    return packed(Part.FACTS, json.dumps(fields).encode())


def preview(made: MadePreview) -> bytes:
    head = [made.name.value, made.media_type, made.width, made.height]
    return packed(Part.PREVIEW, json.dumps(head).encode() + b"\n" + made.content)


def entry(found: ArchiveEntry) -> list[object]:
    """An entry in JSON."""
    return [found.name, found.size, found.kind.value]


@dataclass
class Answer:
    """The checked content of an answer."""

    fields: dict[str, Any] = field(default_factory=dict)
    previews: list[MadePreview] = field(default_factory=list)
    refused: str | None = None
    wants_memory: bool = False
    complete: bool = False

    @classmethod
    def parse(cls, received: bytes) -> Answer:
        """What came before an error or the end counts."""
        answer = cls()
        for part, content in _parts(received):
            try:
                answer._add(part, content)
            except (ValueError, TypeError, KeyError):
                break
        return answer

    def inspection(self) -> Inspection:
        """Raises `InspectionRefused`. An answer that is not complete gives no previews."""
        if self.refused is not None:
            raise InspectionRefused(self.refused)
        if not self.complete:
            return Inspection(**{"media_type": UNKNOWN_TYPE, "kind": Kind.OTHER} | self.fields)
        return Inspection(**self.fields, previews=tuple(self.previews))

    def _add(self, part: Part, content: bytes) -> None:
        if part is Part.FACTS:
            self.fields |= _checked_fields(json.loads(content))
        elif part is Part.PREVIEW:
            self.previews.append(_checked_preview(content))
        elif part is Part.REFUSED:
            self.refused = content.decode()[:200]
        self.wants_memory |= part is Part.MORE_MEMORY
        self.complete |= part is Part.END and {"media_type", "kind"} <= self.fields.keys()


def _parts(received: bytes) -> Iterator[tuple[Part, bytes]]:
    at = 0
    while at + _HEAD.size <= len(received):
        letter, length = _HEAD.unpack_from(received, at)
        at += _HEAD.size
        if at + length > len(received) or letter not in {part.value for part in Part}:
            return
        yield Part(letter), received[at : at + length]
        at += length


def _checked_fields(found: dict[str, Any]) -> dict[str, Any]:
    checked: dict[str, Any] = {}
    for name, value in found.items():
        if name == "media_type":
            checked[name] = _text(value, 100)
        elif name == "kind":
            checked[name] = Kind(value)
        elif name == "entries":
            checked[name] = tuple(_checked_entry(*one) for one in value[:ENTRIES_MAXIMUM])
        elif name == "truncated":
            checked[name] = bool(value)
        elif name in ("width", "height", "pages", "entry_count", "unpacked_size"):
            checked[name] = _count(value)
        else:
            raise KeyError(name)
    return checked


def _checked_entry(name: str, size: int, kind: str) -> ArchiveEntry:
    from adapters.pillow.inspection.names import shown_name

    return ArchiveEntry(shown_name(_text(name, 2_000)), _count(size), EntryKind(kind))


def _checked_preview(content: bytes) -> MadePreview:
    head, _, body = content.partition(b"\n")
    name, media_type, width, height = json.loads(head)
    made = MadePreview(PreviewName(name), media_type, _count(width), _count(height), body)
    if made.name is PreviewName.TEXT:
        body.decode()
        if media_type != TEXT_TYPE or len(body) > TEXT_BYTES_MAXIMUM:
            raise ValueError(name)
    elif media_type not in PICTURE_TYPES or max(made.width, made.height) > SIDES[made.name]:
        raise ValueError(name)
    return made


def _text(value: object, most: int) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value[:most]


def _count(value: object) -> int:
    if not isinstance(value, int) or not 0 <= value < 2**63:
        raise ValueError(value)
    return value
