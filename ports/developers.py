"""The repository of developer profiles, with search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from zlib import crc32

from core.developers import Developer, DeveloperId


class Sort(StrEnum):
    """The sort orders of a search. Each has one composed key, so a page is one index range."""

    RATING = "rating"
    RATE = "rate"
    NEXT_FREE = "next_free"


@dataclass(frozen=True, slots=True)
class Search:
    """A search. All `terms` must match (core/search_terms.py makes them), and at least one of the
    `words`, if there are any. A word comes with the words that match in its place. Rates are minor
    units per hour, `min_rating` is in hundredths of a star. `cursor` is `DeveloperPage.next` of the
    previous page."""

    terms: tuple[str, ...] = ()
    words: tuple[tuple[str, ...], ...] = ()
    min_rate: int | None = None
    max_rate: int | None = None
    min_rating: int | None = None
    sort: Sort = Sort.RATING
    limit: int = 20
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class DeveloperPage:
    """One page. A search with words also has for each item which of them match (the first of each
    group), and the cursor after the item."""

    items: tuple[Developer, ...]
    next: str | None
    matched: tuple[frozenset[str], ...] = ()
    cursors: tuple[str, ...] = ()

    def cursor_after(self, place: int, sort: Sort) -> str:
        """The cursor of the page that begins after the item at `place`."""
        return self.cursors[place] if self.cursors else order_key(self.items[place], sort)


@dataclass(frozen=True, slots=True)
class SkillCount:
    name: str
    count: int


POSITIONS = 2**32
"""The number of positions of profiles."""
UNRATED = "999999999"
"""Begins the key of a profile without ratings; all others come before it."""


def order_key(developer: Developer, sort: Sort) -> str:
    """The composed key that a list is sorted and paged by: best first, then by id."""
    match sort:
        case Sort.RATING:
            rank = f"{999 - developer.rating.hundredths:03d}{999_999 - developer.rating.count:06d}"
        case Sort.RATE:
            rank = f"{developer.rate.amount:012d}"
        case Sort.NEXT_FREE:
            first = developer.next_times[0].strftime("%Y%m%d%H%M") if developer.next_times else "9"
            rank = first
    return f"{rank}|{developer.id}"


def position_of(developer_id: DeveloperId) -> int:
    """A number from 0 up to `POSITIONS`, always the same for an id. It spreads profiles evenly,
    whatever their ids are."""
    return crc32(developer_id.encode())


class Developers(Protocol):
    """One profile per account. Searches find published profiles only."""

    async def get(self, developer_id: DeveloperId) -> Developer: ...
    async def find_by_account(self, account_id: str) -> Developer | None: ...
    async def add(self, developer: Developer) -> Developer: ...
    async def save(self, developer: Developer) -> Developer: ...
    async def search(self, search: Search) -> DeveloperPage:
        """One page. Without words it is in the order of `search.sort`. With words, profiles that
        match more of them come first, then those that match in a skill before headline and name
        before the text, then in the order of `search.sort`; a store may rank a large number of
        matches in parts (docs/decisions/0028). No item is repeated or left out on later pages
        unless its own sort key changes. `bio` may be empty in the items. Raises `Invalid` for a
        cursor of another form."""
        ...

    async def count(self, search: Search, *, at_most: int) -> int:
        """The number of matches, counted up to `at_most`."""
        ...

    async def skill_words(self, beginning: str, *, limit: int) -> tuple[str, ...]:
        """The words of offered skills that begin so, the shortest first, then by alphabet. Those
        of skills no longer offered may be among them."""
        ...

    async def rated(self) -> bool:
        """Whether a published profile has a rating; may be some minutes old."""
        ...

    async def published_count(self) -> int:
        """About how many profiles are published; may be some minutes old."""
        ...

    async def published_part(self, part: int, *, parts: int, limit: int) -> tuple[DeveloperId, ...]:
        """The ids of published profiles whose position is in one of `parts` equal ranges, by
        position, at most `limit`. Ranges are numbered from 0; together they have every profile
        once."""
        ...

    async def outdated(self, *, now: datetime, limit: int) -> tuple[Developer, ...]:
        """Published profiles whose first stored next time can no longer be booked at `now`, at most
        `limit`, those that have waited longest first. `bio` may be empty in them."""
        ...

    async def set_next_times(
        self, changes: Sequence[tuple[Developer, tuple[datetime, ...]]]
    ) -> int:
        """Store the next times of profiles that have not been saved since they were read, and
        return how many these are. Outside of transactions, and safe to lose. The number of requests
        does not depend on that of the profiles."""
        ...

    async def skills(self, *, limit: int) -> tuple[SkillCount, ...]:
        """The most frequent skills, each with its number of developers. With many developers the
        numbers are estimates, and may be some minutes old."""
        ...
