"""Files that people send each other."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a file is by its content, as far as pages treat kinds differently."""

    IMAGE = "image"
    PDF = "pdf"
    TEXT = "text"
    """Text of any language, also HTML and SVG, which are never shown as anything but text."""
    ARCHIVE = "archive"
    AUDIO = "audio"
    VIDEO = "video"
    OTHER = "other"
    """Everything else, and what is unknown: to be downloaded."""


class PreviewName(StrEnum):
    SMALL = "small"
    """A picture that fits in a square of 320 pixels."""
    LARGE = "large"
    """A picture that fits in a square of 1600 pixels."""
    TEXT = "text"
    """The beginning of a text in UTF-8."""


class EntryKind(StrEnum):
    FILE = "file"
    FOLDER = "folder"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class ArchiveEntry:
    """What an archive contains: a name that can be shown, and the declared size unpacked."""

    name: str
    size: int
    kind: EntryKind = EntryKind.FILE
