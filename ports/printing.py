"""Printed documents: what one says, part by part, and the port that makes a PDF of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled value; `at` is the moment that the value names, if it names one."""

    label: str
    value: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """Who or what a document is about: a heading, a name, and lines below it."""

    heading: str
    name: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table: what it is about, a smaller line below it, and the cells after it. `at`
    is the moment that the smaller line names."""

    what: str
    cells: tuple[str, ...]
    small: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sum:
    """A line of a calculation."""

    label: str
    amount: str
    total: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One document of one page or more, in words: nothing of it is computed or formatted later.

    `columns` are the headings of the table, whose first column is wide. `issued_at` becomes the
    date of the file, so a document that does not change is the same file each time.
    """

    title: str
    under: str
    number: str
    badge: str
    issuer: str
    issued_at: datetime
    facts: tuple[Fact, ...]
    blocks: tuple[Block, ...]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    details: tuple[Fact, ...]
    sums: tuple[Sum, ...]
    hint: str
    in_words: str = ""


class Printer(Protocol):
    """Makes files of documents. Rules for every adapter (tests/contracts/test_printing.py):

    - all words of the sheet can be read and searched in the file, in their order in each part;
    - words are wrapped and never cut, however long they are; a long table goes on on a new page;
    - letters of all scripts of India, of Latin, Greek, Cyrillic, Arabic, Hebrew, Thai and Chinese
      are drawn; a character that no font has is written as its code, such as `[U+1F600]`;
    - the same sheet gives the same bytes;
    - the event loop is not blocked.
    """

    async def pdf(self, sheet: Sheet) -> bytes:
        """A PDF of A4 pages."""
        ...
