"""The order of a search with words, which every store keeps, and its cursors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic, Self, TypeVar

from core.errors import Invalid
from core.search_terms import ProfileTerms

T = TypeVar("T")

Groups = Sequence[Sequence[str]]
"""Words, each with those that match in its place."""
SEPARATOR = "~"
END = "-"
"""Stands in a cursor for the end of all keys."""


@dataclass(frozen=True, slots=True)
class Rank:
    """How well a profile matches: the best rank is the lowest. `key` is its key in the order of
    the search (`ports.developers.order_key`)."""

    words: int
    weight: int
    key: str

    def __lt__(self, other: Rank) -> bool:
        return (-self.words, -self.weight, self.key) < (-other.words, -other.weight, other.key)


@dataclass(frozen=True, slots=True)
class Candidate(Generic[T]):
    """A profile that matches at least one word."""

    item: T
    rank: Rank
    matched: frozenset[str]


def candidate(item: T, key: str, terms: ProfileTerms, words: Groups) -> Candidate[T]:
    """The profile with its rank; a word counts with the heaviest of those in its place."""
    weights = {group[0]: max(map(terms.weight, group)) for group in words}
    matched = frozenset(word for word, weight in weights.items() if weight)
    return Candidate(item, Rank(len(matched), sum(weights.values()), key), matched)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of a ranked search begins.

    The list has two parts: profiles with all words, and then the others (`others`). Each part is a
    sequence of blocks, ranges of keys (`start`, `end`]: a block is ranked as a whole. A block whose
    `end` is not chosen yet has the end ""; None is the end of all keys. `after` is the rank of the
    last profile shown. Profiles with all words and a key beyond `until` belong to the second part.
    """

    others: bool = False
    start: str = ""
    end: str | None = ""
    until: str | None = ""
    after: Rank | None = None

    def shown(self, rank: Rank) -> Self:
        return replace(self, after=rank)

    def __str__(self) -> str:
        """The cursor."""
        after = self.after or Rank(0, 0, "")
        keys = (self.start, _or_end(self.end), _or_end(self.until), after.key)
        return SEPARATOR.join((f"{self.others:d}", f"{after.words}", f"{after.weight}", *keys))

    @classmethod
    def of(cls, cursor: str | None) -> Self:
        """Raises `Invalid` for a text that is no cursor of a ranked search."""
        if cursor is None:
            return cls()
        others, *parts = cursor.split(SEPARATOR)
        if others not in {"0", "1"} or len(parts) != 6 or not all(map(_is_small, parts[:2])):
            raise Invalid(cursor="This page is not part of the list. Begin again.")
        words, weight, start, end, until, key = parts
        after = Rank(int(words), int(weight), key) if int(words) else None
        return cls(others == "1", start, _not_end(end), _not_end(until), after)


def _is_small(number: str) -> bool:
    return number.isascii() and number.isdecimal() and len(number) <= 3


def _or_end(key: str | None) -> str:
    return END if key is None else key


def _not_end(text: str) -> str | None:
    return None if text == END else text
