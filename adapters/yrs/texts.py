"""Texts in documents of Yrs."""

from __future__ import annotations

from pycrdt import Doc, Text, get_update, merge_updates

from adapters.yrs.updates import NAME, Position, ReadUpdate, read_update, read_vector
from core.pads import MalformedChange, MissingChanges
from ports.shared_texts import SharedText, SharedTexts

NO_LIMIT = 2**31
STEPS_MAXIMUM = 3_000_000
"""Of one change. To find the place of a block the library may have to look at all others, at about
seven in a microsecond: some tenths of a second, in which the process does nothing else."""


class YrsText(SharedText):
    """One document. It is used by one task at a time."""

    def __init__(self, changes: tuple[bytes, ...]) -> None:
        self._doc: Doc[Text] = Doc()
        self._text = self._doc.get(NAME, type=Text)
        for change in changes:
            self._doc.apply_update(change)
        stored = read_update(self.state(), blocks_maximum=NO_LIMIT)
        self._halves = set[Position](stored.second_halves())
        self._blocks = len(stored.blocks)
        self._new: list[bytes] = []
        self._subscription = self._doc.observe(lambda event: self._new.append(event.update))

    @property
    def text(self) -> str:
        return str(self._text)

    @property
    def size(self) -> int:
        return len(self._text)

    def add(self, change: bytes) -> bytes:
        read = read_update(change)
        self._check_work(read)
        self._halves.update(read.second_halves())
        if self._halves and not self._halves.isdisjoint(read.cuts()):
            raise MalformedChange
        self._new.clear()
        _apply(self._doc, change)
        self._check_complete(change, read)
        return self._new[0] if self._new else b""

    def state(self) -> bytes:
        return self._doc.get_update()

    def since(self, vector: bytes) -> bytes:
        read_vector(vector)
        try:
            return self._doc.get_update(vector)
        except ValueError as error:
            raise MalformedChange from error

    def _check_work(self, read: ReadUpdate) -> None:
        known = read_vector(self._doc.get_state()) if len(read.blocks) > 1 else {}
        new = sum(block.at[1] + block.length > known.get(block.at[0], 0) for block in read.blocks)
        self._blocks += new + len(read.deleted)  # which divide others
        if new * self._blocks > STEPS_MAXIMUM:
            raise MalformedChange

    def _check_complete(self, change: bytes, read: ReadUpdate) -> None:
        """The document keeps aside what follows on missing changes."""
        vector = self._doc.get_state()
        has_more = get_update(change, vector)[0] != 0
        known = read_vector(vector) if read.deleted else {}
        if has_more or any(
            clock + length > known.get(client, 0) for (client, clock), length in read.deleted
        ):
            raise MissingChanges


class YrsTexts(SharedTexts):
    def open(self, *changes: bytes) -> SharedText:
        return YrsText(changes)

    def merged(self, *changes: bytes) -> bytes:
        return changes[0] if len(changes) == 1 else merge_updates(*changes)


def _apply(doc: Doc[Text], change: bytes) -> None:
    try:
        doc.apply_update(change)
    except ValueError as error:
        raise MalformedChange from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # of Rust; it is no `Exception`
            raise MalformedChange from error
        raise
