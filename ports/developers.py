"""The repository of developer profiles, with search."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from core.developers import Developer, DeveloperId


class Sort(StrEnum):
    """The sort orders of a search. Each has one composed key, so a page is one index range."""

    RATING = "rating"
    RATE = "rate"
    NEXT_FREE = "next_free"


@dataclass(frozen=True, slots=True)
class Search:
    """A search. All `terms` must match (core/developers.py makes them). Rates are minor units per
    hour, `min_rating` is in hundredths of a star. `cursor` is `DeveloperPage.next` of the previous
    page."""

    terms: tuple[str, ...] = ()
    min_rate: int | None = None
    max_rate: int | None = None
    min_rating: int | None = None
    sort: Sort = Sort.RATING
    limit: int = 20
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class DeveloperPage:
    items: tuple[Developer, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class SkillCount:
    name: str
    count: int


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


class Developers(Protocol):
    """One profile per account. Searches find published profiles only."""

    async def get(self, developer_id: DeveloperId) -> Developer: ...
    async def find_by_account(self, account_id: str) -> Developer | None: ...
    async def add(self, developer: Developer) -> Developer: ...
    async def save(self, developer: Developer) -> Developer: ...
    async def search(self, search: Search) -> DeveloperPage:
        """One page in the order of `search.sort`. An item is not repeated on a later page unless
        its own sort key changes. `bio` may be empty in the items."""
        ...

    async def count(self, search: Search, *, at_most: int) -> int:
        """The number of matches, counted up to `at_most`."""
        ...

    async def skills(self, *, limit: int) -> tuple[SkillCount, ...]:
        """The most frequent skills, each with its number of developers."""
        ...
