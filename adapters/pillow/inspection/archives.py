"""The list of what a ZIP contains. Nothing is unpacked.

The central directory is read entry by entry, because it can be as large as the file: the module
`zipfile` holds all of it in memory. Numbers are those of PKWARE's APPNOTE 6.3.10, sections 4.3.12
to 4.3.16 and 4.5.3.
"""

from __future__ import annotations

import re
import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

from adapters.pillow.inspection import answers
from adapters.pillow.inspection.names import shown_name
from core.files import ArchiveEntry, EntryKind, Kind
from ports.inspection import BOMB_RATIO, ENTRIES_MAXIMUM, NEVER_A_BOMB, InspectionRefused

LOCKED = (
    "A password protects this archive, so it cannot be checked. Pack it again without one: only "
    "you and the other party can open it here."
)
BOMB = "This archive would unpack to far more than its size. Pack its parts separately."
OVERLAP = "The entries of this archive overlap, which no usual program writes. Pack it again."
TOO_MANY = "This archive has too many entries in an unusual order. Pack it again."
SORTED_MAXIMUM = 200_000
"""Entries whose places are sorted, if they are not in their order already."""
UNPACKED_MAXIMUM = 2**63 - 1
NAME_READ = 8_000
"""Bytes of a name, of which the end is shown."""
ENCRYPTED, UTF_8 = 0x0001, 0x0800
LOCAL_HEADER = 30
ALL_32 = 0xFFFFFFFF
OFFICE = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
"""Documents that are archives, by the folder that they have."""
CONTENT_TYPES = "[Content_Types].xml"
NAMED_TYPE = re.compile(rb"mimetype(application/[a-z0-9.+-]{1,80}?)PK")
"""At byte 30 of documents of OpenOffice and of EPUB books: the type, as the first entry."""
_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")
_ENTRY = struct.Struct("<4s6H3L5H2L")


class NoArchive(ValueError):
    """The directory is missing or damaged."""


@dataclass(slots=True)
class _Listing:
    """What is known after all entries have been read."""

    size: int
    count: int = 0
    unpacked: int = 0
    shown: list[ArchiveEntry] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)
    extents: list[tuple[int, int]] = field(default_factory=list)
    in_order: bool = True
    end: int = 0

    def add(self, entry: ArchiveEntry, start: int, packed: int) -> None:
        self.count += 1
        self.unpacked += entry.size
        if self.count <= ENTRIES_MAXIMUM:
            self.shown.append(entry)
            self.folders |= {CONTENT_TYPES} & {entry.name}
            self.folders |= {folder for folder in OFFICE if entry.name.startswith(folder)}
        self.in_order &= start >= self.end
        self.end = start + LOCAL_HEADER + packed
        if self.count <= SORTED_MAXIMUM:
            self.extents.append((start, self.end))

    def check(self) -> None:
        """Raises `InspectionRefused`."""
        if self.unpacked > max(NEVER_A_BOMB, BOMB_RATIO * self.size):
            raise InspectionRefused(BOMB)
        if self.in_order:
            return
        if self.count > SORTED_MAXIMUM:
            raise InspectionRefused(TOO_MANY)
        self.extents.sort()
        for (_, end), (start, _) in pairwise(self.extents):
            if start < end:
                raise InspectionRefused(OVERLAP)


def parts(path: Path) -> Iterator[bytes]:
    """The entries of a ZIP, and its type if it is a document. Raises `InspectionRefused`, and
    `NoArchive` if there is no directory."""
    with path.open("rb") as file:
        listing = _read(file)
        file.seek(LOCAL_HEADER)
        named = NAMED_TYPE.match(file.read(120))
    listing.check()
    if named:
        yield answers.facts(media_type=named[1].decode(), kind=Kind.OTHER.value)
    elif len(listing.folders) == 2 and CONTENT_TYPES in listing.folders:
        (folder,) = listing.folders - {CONTENT_TYPES}
        yield answers.facts(media_type=OFFICE[folder], kind=Kind.OTHER.value)
    else:
        yield answers.facts(
            entries=[answers.entry(entry) for entry in listing.shown],
            entry_count=listing.count,
            unpacked_size=min(listing.unpacked, UNPACKED_MAXIMUM),
            truncated=listing.count > ENTRIES_MAXIMUM,
        )


def _read(file: BinaryIO) -> _Listing:
    """Raises `NoArchive` for a damaged directory, and `InspectionRefused` for a password."""
    start, length, before, size = _directory(file)
    listing = _Listing(size)
    file.seek(start)
    while length >= _ENTRY.size:
        entry, where, packed, read = _entry(file, is_shown=listing.count < ENTRIES_MAXIMUM)
        listing.add(entry, where + before, packed)
        length -= read
    return listing


def _directory(file: BinaryIO) -> tuple[int, int, int, int]:
    """Where the directory begins, its length, what stands before the archive, and the size of the
    file, in bytes."""
    size = file.seek(0, 2)
    tail_at = max(0, size - 65_536 - _END.size)
    file.seek(tail_at)
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + _END.size > len(tail):
        raise NoArchive
    *_, length, offset, _ = _END.unpack_from(tail, at)
    end = tail_at + at
    locator_at = at - _LOCATOR_64.size
    if locator_at >= 0 and tail[locator_at : locator_at + 4] == b"PK\x06\x07":
        end -= _LOCATOR_64.size + _END_64.size
        if end < 0:
            raise NoArchive
        file.seek(end)
        record = file.read(_END_64.size)
        if not record.startswith(b"PK\x06\x06") or len(record) < _END_64.size:
            raise NoArchive
        *_, length, offset = _END_64.unpack(record)
    start = end - length
    if start < 0 or offset > start:
        raise NoArchive
    return start, length, start - offset, size


def _entry(file: BinaryIO, *, is_shown: bool) -> tuple[ArchiveEntry, int, int, int]:
    """An entry, where its local header stands, its packed size, and the bytes of the record."""
    header = file.read(_ENTRY.size)
    if len(header) < _ENTRY.size or not header.startswith(b"PK\x01\x02"):
        raise NoArchive
    (_, _, _, flags, _, _, _, _, packed, size, name_length, extra_length, comment_length, _, _,
     attributes, offset) = _ENTRY.unpack(header)  # fmt: skip
    name = file.read(name_length)
    size, packed, offset = _in_64(file.read(extra_length), size, packed, offset)
    file.seek(comment_length, 1)
    if flags & ENCRYPTED:
        raise InspectionRefused(LOCKED)
    shown = shown_name(_decoded(name[-NAME_READ:], flags)) if is_shown else ""
    entry = ArchiveEntry(shown, size, _kind(name, attributes >> 16))
    return entry, offset, packed, _ENTRY.size + name_length + extra_length + comment_length


def _in_64(extra: bytes, *numbers: int) -> tuple[int, ...]:
    """The numbers, of which those with all bits set stand in the extra field 1, in this order."""
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<HH", extra, at)
        if tag == 1:
            values = iter(struct.iter_unpack("<Q", extra[at + 4 : at + 4 + length // 8 * 8]))
            return tuple(
                next(values, (number,))[0] if number == ALL_32 else number for number in numbers
            )
        at += 4 + length
    return numbers


def _kind(name: bytes, mode: int) -> EntryKind:
    if stat.S_ISLNK(mode):
        return EntryKind.LINK
    return EntryKind.FOLDER if name.endswith((b"/", b"\\")) else EntryKind.FILE


def _decoded(name: bytes, flags: int) -> str:
    """Many programs write UTF-8 without saying so."""
    try:
        return name.decode()
    except UnicodeDecodeError:
        return name.decode("utf-8" if flags & UTF_8 else "cp437", "replace")
