"""Reads updates of Yjs, to refuse all but insertions and deletions of plain text.

The library accepts much more: other types, formats, embedded documents. A part of a surrogate pair
makes it keep another text than browsers do. The format is that of `encodeStateAsUpdate` in Yjs 13,
version 1: blocks by client, then deleted ranges by client.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from core.pads import MalformedChange

NAME = "pad"
"""The name of the text in the document."""
BLOCKS_MAXIMUM = 20_000
"""Of one update. Text that is typed in one go is one block."""
CLIENT_MAXIMUM = 2**53 - 1
CLOCK_MAXIMUM = 2**31 - 1
HAS_LEFT, HAS_RIGHT, HAS_KEY, CONTENT = 0x80, 0x40, 0x20, 0x1F
DELETED, STRING, GAP = 1, 4, 10

Position = tuple[int, int]
"""A client and its clock: the name of one UTF-16 code unit."""


@dataclass(frozen=True, slots=True)
class Block:
    """Characters of one client in a row; `text` is None if they are deleted. A gap stands for what
    the sender of the update does not have."""

    at: Position
    length: int
    text: str | None
    left: Position | None
    right: Position | None
    is_gap: bool = False


@dataclass(frozen=True, slots=True)
class ReadUpdate:
    """`deleted` are the first position and the length of each range."""

    blocks: list[Block] = field(default_factory=list)
    deleted: list[tuple[Position, int]] = field(default_factory=list)

    def second_halves(self) -> Iterator[Position]:
        """The positions in the middle of characters that have two code units."""
        for block in self.blocks:
            if block.text and not block.text.isascii():
                yield from _second_halves(block.text, *block.at)

    def cuts(self) -> Iterator[Position]:
        """The positions in front of which this update divides a text."""
        for block in self.blocks:
            yield block.at
            if block.left:
                yield block.left[0], block.left[1] + 1
            if block.right:
                yield block.right
        for (client, clock), length in self.deleted:
            yield client, clock
            yield client, clock + length


def read_update(update: bytes, *, blocks_maximum: int = BLOCKS_MAXIMUM) -> ReadUpdate:
    """Raises `MalformedChange` for what is no update, or has anything but plain text."""
    reader, found = _Reader(update), ReadUpdate()
    for _ in range(reader.count()):
        number, client, clock = reader.count(), reader.client(), reader.clock()
        for _ in range(number):
            block = reader.block((client, clock))
            clock += block.length
            if not block.is_gap:
                found.blocks.append(block)
            if clock > CLOCK_MAXIMUM or len(found.blocks) > blocks_maximum:
                raise MalformedChange
    for _ in range(reader.count()):
        client = reader.client()
        for _ in range(reader.count()):
            found.deleted.append(((client, reader.clock()), reader.clock()))
    if reader.at != len(update):
        raise MalformedChange
    return found


def read_vector(vector: bytes) -> dict[int, int]:
    """How much of each client a state vector has. Raises `MalformedChange`."""
    reader = _Reader(vector)
    found = {reader.client(): reader.clock() for _ in range(reader.count())}
    if reader.at != len(vector):
        raise MalformedChange
    return found


def _second_halves(text: str, client: int, clock: int) -> Iterator[Position]:
    for character in text:
        if character > "\uffff":
            yield client, clock + 1
            clock += 1
        clock += 1


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data, self.at = data, 0

    def count(self) -> int:
        """Of things that need at least a byte each."""
        found = self._number()
        if found > len(self._data) - self.at:
            raise MalformedChange
        return found

    def client(self) -> int:
        found = self._number()
        if found > CLIENT_MAXIMUM:
            raise MalformedChange
        return found

    def clock(self) -> int:
        found = self._number()
        if found > CLOCK_MAXIMUM:
            raise MalformedChange
        return found

    def block(self, at: Position) -> Block:
        kind = self._byte()
        if kind == GAP:
            return Block(at, self.clock(), None, None, None, is_gap=True)
        left = (self.client(), self.clock()) if kind & HAS_LEFT else None
        right = (self.client(), self.clock()) if kind & HAS_RIGHT else None
        is_first = left is None and right is None
        if kind & HAS_KEY or (is_first and (self._number() != 1 or self._text() != NAME)):
            raise MalformedChange
        if kind & CONTENT == DELETED:
            text, length = None, self.clock()
        elif kind & CONTENT == STRING:
            text = self._text()
            length = len(text.encode("utf-16-le")) // 2
        else:
            raise MalformedChange
        if not length or (text and "\r" in text):
            raise MalformedChange
        return Block(at, length, text, left, right)

    def _text(self) -> str:
        length = self.count()
        self.at += length
        try:
            return self._data[self.at - length : self.at].decode()
        except UnicodeDecodeError as error:
            raise MalformedChange from error

    def _number(self) -> int:
        """Seven bits a byte, the lowest first."""
        found = shift = 0
        while True:
            byte = self._byte()
            found |= (byte & 0x7F) << shift
            if byte < 0x80:
                return found
            shift += 7
            if shift > 56:
                raise MalformedChange

    def _byte(self) -> int:
        if self.at >= len(self._data):
            raise MalformedChange
        self.at += 1
        return self._data[self.at - 1]
