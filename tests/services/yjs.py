"""A client of pads in tests: it writes like a page, by pycrdt."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Self

from pycrdt import Doc, Text

EMPTY = b"\0"
STEPS = 2_800_000
WORDS = ("a", "bc ", "def\n", "π", "😀", "    return x\n")


@dataclass
class Writer:
    """One page. `unsent` are its changes that the site has not acknowledged."""

    seed: int = 0
    doc: Doc[Text] = field(default_factory=Doc)
    unsent: list[bytes] = field(default_factory=list)
    seq: int = 0
    is_hearing: bool = False

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.pad = self.doc.get("pad", type=Text)
        self.subscription = self.doc.observe(lambda event: self._noted(event.update))

    @classmethod
    def of_long_name(cls) -> Self:
        """Its characters have the longest names that there are."""
        return cls(doc=Doc(client_id=2**53 - 1))

    @property
    def text(self) -> str:
        return str(self.pad)

    def _noted(self, change: bytes) -> None:
        if not self.is_hearing:
            self.unsent.append(change)

    def write(self, text: str, at: int = 0) -> bytes:
        """Insert in front of a character; the change."""
        return self._edit(lambda: self.pad.insert(self._offset(at), text))

    def wear_out(self) -> bytes:
        """Insert as many characters as a pad takes at once in any order, each in front of the one
        before; the change. What keeps their order is about 20 times as large as they are."""
        count = STEPS // (len(self.text) + 1_700)

        def insert() -> None:
            for _ in range(count):
                self.pad.insert(1, "x")

        return self._edit(insert)

    def delete(self, start: int, end: int) -> bytes:
        """Delete characters; the change."""
        start, end = self._offset(start), self._offset(end)
        return self._edit(lambda: self.pad.__delitem__(slice(start, end)))

    def write_somewhere(self) -> bytes:
        """A random small edit; the change."""
        length = len(self.text)
        if length > 5 and self.random.random() < 0.3:
            start = self.random.randrange(length)
            return self.delete(start, min(length, start + self.random.randrange(1, 8)))
        return self.write(self.random.choice(WORDS), self.random.randrange(length + 1))

    def hear(self, change: bytes) -> None:
        """Apply what the site or another page has sent."""
        self.is_hearing = True
        try:
            self.doc.apply_update(change)
        finally:
            self.is_hearing = False

    def all(self) -> bytes:
        """Everything it has, as one change."""
        return self.doc.get_update()

    def vector(self) -> bytes:
        return self.doc.get_state()

    def _edit(self, edit: object) -> bytes:
        assert callable(edit)
        with self.doc.transaction():
            edit()
        return self.unsent[-1]

    def _offset(self, characters: int) -> int:
        """The library counts bytes in UTF-8."""
        return len(self.text[:characters].encode())
