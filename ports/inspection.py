"""Inspection of files that people upload: the type by content, and previews."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from core.errors import Invalid, Unavailable
from core.files import ArchiveEntry, Kind, PreviewName

SIDES = {PreviewName.SMALL: 320, PreviewName.LARGE: 1600}
"""The square in pixels in which a preview fits. Pictures are never enlarged."""
PICTURE_TYPES = ("image/webp", "image/jpeg")
"""The only types of previews that are pictures."""
TEXT_TYPE = "text/plain; charset=utf-8"
PIXELS_MAXIMUM = 50_000_000
"""Of a picture that gets previews."""
TEXT_BYTES_MAXIMUM = 64_000
TEXT_LINES_MAXIMUM = 2_000
LINE_MAXIMUM = 2_000
"""Characters of a line in a text preview."""
CUT = "\u2026"
"""Ends a line of which a text preview has the beginning only."""
ENTRIES_MAXIMUM = 1_000
"""Entries of an archive that are listed."""
ENTRY_NAME_MAXIMUM = 255
"""Characters of the name of an entry."""
NEVER_A_BOMB = 1_000_000_000
BOMB_RATIO = 100
"""An archive may declare to unpack to this number of bytes, or to so many times its own size."""


@dataclass(frozen=True, slots=True)
class MadePreview:
    """A preview to store. `width` and `height` are in pixels, 0 for a text."""

    name: PreviewName
    media_type: str
    width: int
    height: int
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What a file is. `media_type` is by its content, in lower case without parameters, and
    `application/octet-stream` if unknown.

    `width` and `height` are those of an image in pixels, upright, and 0 if unknown; `pages` those
    of a PDF. `entries` are the first entries of an archive, `entry_count` and `unpacked_size` are
    of all. `truncated` says that a text preview or the list of entries is not complete.
    """

    media_type: str
    kind: Kind
    width: int = 0
    height: int = 0
    pages: int = 0
    previews: Sequence[MadePreview] = ()
    entries: Sequence[ArchiveEntry] = ()
    entry_count: int = 0
    unpacked_size: int = 0
    truncated: bool = False


class InspectionRefused(Invalid):
    """This file cannot be accepted."""

    code = "file_refused"

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence)


class InspectionUnavailable(Unavailable):
    """Files cannot be checked at the moment. Nothing was lost. Try again in a minute."""

    code = "inspection_unavailable"
    service = "the inspection of files"


class Inspector(Protocol):
    """Inspects untrusted files. Rules for every adapter (onehour/testing/inspection.py):

    - the type is detected from the content; the name is never believed;
    - previews are made anew: pictures of pixels alone, upright, in sRGB, of the first frame or
      page, without any metadata; HTML and SVG are text; nothing in an archive is unpacked;
    - a file that cannot be read, or not with the memory and time there are, has no previews, and
      is no error: people can still download it;
    - names of entries can be shown: without control characters, and as a path below one folder;
    - memory and time are bounded for every content; the event loop is not blocked.
    """

    async def inspect(self, path: Path, *, name: str) -> Inspection:
        """Inspect the file at `path` on this machine, which does not change meanwhile. `name` is
        what the sender calls it.

        Raises `InspectionRefused` for programs, for archives with a password, and for those that
        would unpack to much more than they are or have overlapping entries. Raises
        `InspectionUnavailable` if the work cannot begin.
        """
        ...

    async def close(self) -> None:
        """End the processes. It can be called several times."""
        ...
