"""Texts that several people write at the same time."""

from __future__ import annotations

from typing import Protocol


class SharedText(Protocol):
    """One text, made of changes. The same changes give the same text, in whatever order they
    are added and however often. Changes, states and vectors are those of Yjs (version 1 of its
    update format), of one text named `pad` without formats, embedded things or carriage returns.
    """

    @property
    def text(self) -> str: ...
    @property
    def size(self) -> int:
        """Bytes of the text in UTF-8."""
        ...

    def add(self, change: bytes) -> bytes:
        """Add what somebody has sent, and return what was new in it; empty if nothing was.

        Raises `core.pads.MalformedChange` for anything but a change of this text, and
        `core.pads.MissingChanges` for one that follows changes that are not here. After an error
        the text must not be used any more.
        """
        ...

    def state(self) -> bytes:
        """One change that stands for all of them."""
        ...

    def since(self, vector: bytes) -> bytes:
        """What somebody lacks who has what the state vector says. Raises `MalformedChange`."""
        ...


class SharedTexts(Protocol):
    """Opens shared texts."""

    def open(self, *changes: bytes) -> SharedText:
        """The text of stored changes, which are trusted and in order; none is an empty text."""
        ...

    def merged(self, *changes: bytes) -> bytes:
        """Several trusted changes as one."""
        ...
