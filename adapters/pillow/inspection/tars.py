"""The list of what a tar contains, also if it is packed with gzip. Nothing is unpacked to disk.

Headers are those of POSIX.1-1988 (ustar), with the long names of GNU tar (type L) and the extended
headers of POSIX.1-2001 (type x). The module `tarfile` keeps every entry in memory.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol

from adapters.pillow.inspection import answers
from adapters.pillow.inspection.archives import BOMB, UNPACKED_MAXIMUM
from adapters.pillow.inspection.names import shown_name
from core.files import ArchiveEntry, EntryKind
from ports.inspection import BOMB_RATIO, ENTRIES_MAXIMUM, NEVER_A_BOMB, InspectionRefused

BLOCK = 512
READ_MAXIMUM = 256_000_000
"""Bytes of a packed tar that are read; the list of a longer one is cut."""
HEADERS_MAXIMUM = 200_000
EXTENSION_MAXIMUM = 64 * 1024
"""Bytes of a long name or an extended header; a longer one is no name."""
CHUNK = 256 * 1024
KINDS = {b"1": EntryKind.LINK, b"2": EntryKind.LINK, b"5": EntryKind.FOLDER}
LONG_NAME, LONG_LINK, EXTENDED, GLOBAL, SPARSE = b"L", b"K", b"x", b"g", b"S"
_RECORD = re.compile(rb"(\d{1,8}) ([^=]{1,200})=")


class NoTar(ValueError):
    """There is no tar, or it is damaged here."""


class Source(Protocol):
    def read(self, count: int) -> bytes:
        """Fewer bytes at the end."""
        ...

    def skip(self, count: int) -> None:
        """Raises `NoTar` if there are fewer bytes."""
        ...


class PlainSource:
    """A file as it is."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._size = file, file.seek(0, 2)
        file.seek(0)

    def read(self, count: int) -> bytes:
        return self._file.read(count)

    def skip(self, count: int) -> None:
        if self._file.tell() + count > self._size:
            raise NoTar
        self._file.seek(count, 1)


class GzipSource:
    """A file that is packed with gzip, of which `READ_MAXIMUM` bytes are unpacked at most. Raises
    `NoTar` there, and `zlib.error` where it is damaged."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._left = file, READ_MAXIMUM
        self._unpacking = zlib.decompressobj(wbits=31)
        self._waiting = b""

    def read(self, count: int) -> bytes:
        parts: list[bytes] = []
        while count and (part := self._some(min(count, CHUNK))):
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def skip(self, count: int) -> None:
        while count:
            part = self._some(min(count, CHUNK))
            if not part:
                raise NoTar
            count -= len(part)

    def _some(self, most: int) -> bytes:
        while True:
            if self._unpacking.eof:  # another member may follow
                self._waiting = self._unpacking.unused_data
                self._unpacking = zlib.decompressobj(wbits=31)
            packed = self._waiting or self._file.read(CHUNK)
            part = self._unpacking.decompress(packed, most)
            self._waiting = self._unpacking.unconsumed_tail
            self._left -= len(part)
            if self._left < 0:
                raise NoTar
            if part or not packed:
                return part


@dataclass(slots=True)
class _Listing:
    """`size` is that of the file in bytes."""

    size: int
    count: int = 0
    unpacked: int = 0
    shown: list[ArchiveEntry] = field(default_factory=list)
    complete: bool = False

    def add(self, name: bytes, size: int, kind: EntryKind) -> None:
        """Raises `InspectionRefused` for a bomb."""
        self.count += 1
        self.unpacked += size
        if self.unpacked > max(NEVER_A_BOMB, BOMB_RATIO * self.size):
            raise InspectionRefused(BOMB)
        if self.count <= ENTRIES_MAXIMUM:
            shown = shown_name(name[-EXTENSION_MAXIMUM:].decode("utf-8", "replace"))
            self.shown.append(ArchiveEntry(shown, size, kind))


def parts(path: Path, *, packed: bool) -> Iterator[bytes]:
    """The entries. Nothing for a gzip file that is no tar. Raises `InspectionRefused`."""
    with path.open("rb") as file:
        listing = _Listing(file.seek(0, 2))
        file.seek(0)
        source: Source = GzipSource(file) if packed else PlainSource(file)
        try:
            _read(source, listing)
            listing.complete = True
        except (NoTar, zlib.error):  # the list ends here
            pass
    if listing.count:
        yield answers.facts(
            entries=[answers.entry(entry) for entry in listing.shown],
            entry_count=listing.count,
            unpacked_size=min(listing.unpacked, UNPACKED_MAXIMUM),
            truncated=listing.count > ENTRIES_MAXIMUM or not listing.complete,
        )


def _read(source: Source, listing: _Listing) -> None:
    """Raises `NoTar` where the tar is damaged, cut off or too long."""
    extended: dict[bytes, bytes] = {}
    for _ in range(HEADERS_MAXIMUM):
        header = source.read(BLOCK)
        if header and not header.strip(b"\0"):
            return
        _check(header)
        kind, stored = header[156:157], _number(header[124:136])
        if kind in (LONG_NAME, LONG_LINK, EXTENDED, GLOBAL):
            extended |= _extension(source, kind, stored)
            continue
        stored = _decimal(extended.get(b"size"), stored)
        size = _number(header[483:495]) if kind == SPARSE else stored
        size = _decimal(extended.get(b"GNU.sparse.realsize"), size)
        name = extended.get(b"path") or _name(header)
        listing.add(name, size, _kind(kind, name))
        extended = {}
        if kind not in KINDS:
            source.skip(_padded(stored))
    raise NoTar


def _check(header: bytes) -> None:
    """Raises `NoTar` unless the checksum is right: without it anything could be a header."""
    if len(header) < BLOCK:
        raise NoTar
    expected = sum(header[:148]) + sum(header[156:]) + 8 * ord(" ")
    if _number(header[148:156]) != expected:
        raise NoTar


def _number(digits: bytes) -> int:
    """Octal digits, or a binary number if the first bit is set. Raises `NoTar`."""
    if digits[0] & 0x80:
        return int.from_bytes(digits, "big") & (1 << (8 * len(digits) - 1)) - 1
    text = digits.split(b"\0")[0].strip()
    if text and set(text) - set(b"01234567"):
        raise NoTar
    return int(text or b"0", 8)


def _extension(source: Source, kind: bytes, size: int) -> Mapping[bytes, bytes]:
    """What it says about the next entry."""
    if size > EXTENSION_MAXIMUM:
        source.skip(_padded(size))
        return {}
    content = source.read(_padded(size))[:size]
    if kind == LONG_NAME:
        return {b"path": content.rstrip(b"\0")}
    return _records(content) if kind == EXTENDED else {}


def _records(content: bytes) -> Mapping[bytes, bytes]:
    """Lines of the form `length name=value`."""
    found, at = {}, 0
    while record := _RECORD.match(content, at):
        end = at + int(record[1])
        if end <= record.end() or end > len(content):
            break
        found[record[2]] = content[record.end() : end - 1]
        at = end
    return found


def _decimal(text: bytes | None, otherwise: int) -> int:
    return int(text) if text and text.isdigit() and len(text) < 20 else otherwise


def _name(header: bytes) -> bytes:
    name, prefix = header[:100].split(b"\0")[0], header[345:500].split(b"\0")[0]
    is_posix = header[257:263] == b"ustar\0"
    return prefix + b"/" + name if is_posix and prefix else name


def _kind(kind: bytes, name: bytes) -> EntryKind:
    found = KINDS.get(kind, EntryKind.FILE)
    return EntryKind.FOLDER if found is EntryKind.FILE and name.endswith(b"/") else found


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK
