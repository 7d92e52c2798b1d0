"""Search for developers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.developers import Developer, language_term, skill_term, words_of, zone_term
from core.errors import Invalid
from core.policy import DAY
from ports.clock import Clock
from ports.developers import DeveloperPage, Search, Sort, order_key
from ports.store import Store
from services.developers.free_hours import FreeHours

MAX_SEARCH_RANGE = 62 * DAY
BATCH = 40
MOST_BATCHES = 5


@dataclass(frozen=True, slots=True)
class SearchCriteria:
    """Search criteria of a visitor. Rates in minor units per hour, rating in hundredths, times in
    UTC."""

    q: str = ""
    skills: tuple[str, ...] = ()
    language: str | None = None
    timezone: str | None = None
    min_rate: int | None = None
    max_rate: int | None = None
    min_rating: int | None = None
    free_from: datetime | None = None
    free_to: datetime | None = None
    hours: int = 1
    sort: Sort = Sort.RATING
    limit: int = 20
    cursor: str | None = None

    @property
    def terms(self) -> tuple[str, ...]:
        """The terms that every result must have, the most selective kinds first."""
        wanted = sorted(words_of(self.q), key=len, reverse=True)
        wanted += [skill_term(skill) for skill in self.skills if skill.strip()]
        wanted += [language_term(self.language)] if self.language else []
        wanted += [zone_term(self.timezone)] if self.timezone else []
        return tuple(dict.fromkeys(wanted))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeveloperSearch:
    """Searches published profiles."""

    store: Store
    clock: Clock
    free: FreeHours

    async def search(self, criteria: SearchCriteria) -> DeveloperPage:
        """One page: one database read, or a few when free hours are searched. Raises `Invalid`."""
        search = _search(criteria)
        if criteria.free_from is None and criteria.free_to is None:
            return await self.store.repositories.developers.search(search)
        return await self._search_free(criteria, search)

    async def count(self, criteria: SearchCriteria, *, at_most: int) -> int:
        """The number of results, at most `at_most`; ignores free hours."""
        return await self.store.repositories.developers.count(_search(criteria), at_most=at_most)

    async def _search_free(self, criteria: SearchCriteria, search: Search) -> DeveloperPage:
        """Filter candidates by their free hours, in at most `MOST_BATCHES` batches."""
        since = criteria.free_from or self.clock.now()
        until = criteria.free_to or since + 7 * DAY
        if not since < until <= since + MAX_SEARCH_RANGE:
            raise Invalid(free_to="Choose an end after the start, at most 62 days later.")
        available: list[Developer] = []
        cursor = search.cursor
        last_start = until - timedelta(hours=criteria.hours) + timedelta(minutes=1)
        for _ in range(MOST_BATCHES):
            page = await self.store.repositories.developers.search(
                replace(search, limit=BATCH, cursor=cursor)
            )
            free = await self.free.slots(
                list(page.items), since=since, until=last_start, hours=criteria.hours, step=1
            )
            for item in page.items:
                if free[item.id]:
                    available.append(item)
                if len(available) == criteria.limit and item != page.items[-1]:
                    return DeveloperPage(tuple(available), order_key(item, search.sort))
            cursor = page.next
            if cursor is None or len(available) >= criteria.limit:
                break
        return DeveloperPage(tuple(available), cursor)


def _search(criteria: SearchCriteria) -> Search:
    return Search(
        terms=criteria.terms,
        min_rate=criteria.min_rate,
        max_rate=criteria.max_rate,
        min_rating=criteria.min_rating,
        sort=criteria.sort,
        limit=criteria.limit,
        cursor=criteria.cursor,
    )
