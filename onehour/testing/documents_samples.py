"""A document type that has everything, for the contract of declared documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NewType

from core.errors import Conflict
from core.money import Money
from core.policy import HOUR, MINUTE
from onehour.testing.samples.sample import NOW
from ports.documents import DocumentType, Order, Unique

NoteId = NewType("NoteId", str)


class NoteTaken(Conflict):
    """There is a note of this author and day."""


class Mood(StrEnum):
    CALM = "calm"
    BRIGHT = "bright"


@dataclass(frozen=True, slots=True)
class Author:
    account_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    price: Money | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """Has a field of every kind that can be stored."""

    id: NoteId
    author: Author
    day: str
    slug: str
    at: datetime
    stars: int | None = None
    weight: float = 0.0
    mood: Mood = Mood.CALM
    moods: frozenset[Mood] = frozenset()
    hidden: bool = False
    price: Money = Money(0)  # noqa: RUF009 - Money is frozen
    every: timedelta = HOUR
    seal: bytes = b""
    tags: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    pair: tuple[int, str] = (0, "")
    facts: Mapping[str, str] | None = None
    editor: Author | None = None
    expires_at: datetime | None = None
    version: int = 0


NOTES = DocumentType(
    "test_notes",
    Note,
    unique=(Unique(("author.account_id", "day"), NoteTaken), Unique(("slug",))),
    orders=(
        Order("newest", equals=("author.account_id",), by=("at",), descending=True),
        Order("ranked", equals=(), by=("stars", "mood")),
        Order("latest", equals=(), by=("at",), descending=True),
        Order("of_mood", equals=("mood",), by=("at",)),
        Order("edited", equals=("editor.account_id", "hidden"), by=("day",)),
    ),
    expires="expires_at",
)
OTHERS = DocumentType("test_others", Note)
DOCUMENTS: tuple[DocumentType[Any], ...] = (NOTES, OTHERS)
"""The store of the contract is built with these."""

GITA, RAVI = Author("acc_gita", "Gita Rao"), Author("acc_ravi", "Ravi Iyer")


def a_note(number: int = 1, **changes: Any) -> Note:
    values: dict[str, Any] = {
        "id": NoteId(f"not_{number:04d}"),
        "author": GITA,
        "day": f"day {number:04d}",
        "slug": f"slug-{number}",
        "at": NOW + number * MINUTE,
    }
    return Note(**{**values, **changes})


def a_whole_note() -> Note:
    return a_note(
        stars=-3,
        weight=0.5,
        mood=Mood.BRIGHT,
        moods=frozenset(Mood),
        hidden=True,
        price=Money(12_345_678_901, "USD"),
        every=90 * MINUTE,
        seal=b"\x00\xff",
        tags=("a", "b"),
        links=(Link("free"), Link("paid", Money(5))),
        pair=(7, "seven"),
        facts={"is.dotted": "yes"},
        editor=RAVI,
        expires_at=NOW + 10_000 * HOUR,
    )
