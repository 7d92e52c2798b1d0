"""A mail before it is set: a title, a few paragraphs, at most one button and one small note."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Letter:
    """`button` is its words and the address it opens; `code` is set large."""

    subject: str
    paragraphs: tuple[str, ...]
    button: tuple[str, str] | None = None
    code: str = ""
    note: str = ""
