"""Developer profiles, and how visitors find them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from core.developers import Developer, DeveloperId


class Sort(StrEnum):
    """The orders a list can have; each is one composed key, so a page is one range of an index."""

    RATING = "rating"
    RATE = "rate"
    NEXT_FREE = "next_free"


@dataclass(frozen=True, slots=True)
class Search:
    """What a visitor looks for. `terms` must all match (core/developers.py makes them);
    rates are paise per hour, `rating` hundredths of a star. `cursor` is `Page.next` of the
    page before."""

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
    """The composed key a list is sorted and paged by: the best come first, ties by id."""
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
    """One profile per account. Searches see published profiles only."""

    async def get(self, developer_id: DeveloperId) -> Developer: ...
    async def find_by_account(self, account_id: str) -> Developer | None: ...
    async def add(self, developer: Developer) -> Developer: ...
    async def save(self, developer: Developer) -> Developer: ...
    async def search(self, search: Search) -> DeveloperPage:
        """One page in order; never an item twice while paging on, whatever changes meanwhile
        outside the items' own keys. `bio` may be left empty in the items."""
        ...

    async def count(self, search: Search, *, at_most: int) -> int:
        """How many match, counted up to `at_most`."""
        ...

    async def skills(self, *, limit: int) -> tuple[SkillCount, ...]:
        """The most offered skills with how many developers offer each."""
        ...
