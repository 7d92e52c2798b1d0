"""Search for developers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from core.developers import Developer
from core.errors import Invalid
from core.policy import DAY
from core.search_terms import language_term, skill_term, zone_term
from core.vocabulary import VOCABULARY, Vocabulary
from ports.clock import Clock
from ports.developers import DeveloperPage, Search, Sort
from ports.store import Store
from services.developers.free_hours import FreeHours

MAX_SEARCH_RANGE = 62 * DAY
BATCH = 40
MOST_BATCHES = 5
SHORTEST_BEGINNING = 3
"""Letters from which a word is also read as the beginning of a skill."""
MOST_ENDINGS = 4
"""Skill words that a beginning stands for."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class DeveloperSearch:
    """Searches published profiles, by the rules of `vocabulary`."""

    store: Store
    clock: Clock
    free: FreeHours
    vocabulary: Vocabulary = field(default=VOCABULARY)

    async def page(self, criteria: SearchCriteria) -> DeveloperPage:
        """One page: one database read, or a few when words or free hours are searched. A text
        without a word finds nothing. Raises `Invalid`."""
        search = await self._search(criteria)
        if search is None:
            return DeveloperPage((), None)
        if criteria.free_from is None and criteria.free_to is None:
            return await self.store.repositories.developers.search(search)
        return await self._free_page(criteria, search)

    async def count(self, criteria: SearchCriteria, *, at_most: int) -> int:
        """The number of results, at most `at_most`; ignores free hours."""
        search = await self._search(criteria)
        if search is None:
            return 0
        return await self.store.repositories.developers.count(search, at_most=at_most)

    async def _search(self, criteria: SearchCriteria) -> Search | None:
        """None for a text without a word."""
        words = [each.word for each in self.vocabulary.query_words(criteria.q)]
        if criteria.q.strip() and not words:
            return None
        return Search(
            terms=self._terms(criteria),
            words=tuple(await asyncio.gather(*map(self._with_endings, words))),
            min_rate=criteria.min_rate,
            max_rate=criteria.max_rate,
            min_rating=criteria.min_rating,
            sort=criteria.sort,
            limit=criteria.limit,
            cursor=criteria.cursor,
        )

    def _terms(self, criteria: SearchCriteria) -> tuple[str, ...]:
        """The terms that every result must have."""
        wanted = [skill_term(s, self.vocabulary) for s in criteria.skills if s.strip()]
        wanted += [language_term(criteria.language)] if criteria.language else []
        wanted += [zone_term(criteria.timezone)] if criteria.timezone else []
        return tuple(dict.fromkeys(wanted))

    async def _with_endings(self, word: str) -> tuple[str, ...]:
        """The word, and the skills it begins unless it is one."""
        if len(word) < SHORTEST_BEGINNING:
            return (word,)
        skills = await self.store.repositories.developers.skill_words(word, limit=MOST_ENDINGS)
        return (word,) if word in skills else (word, *skills)

    async def _free_page(self, criteria: SearchCriteria, search: Search) -> DeveloperPage:
        """Filter candidates by their free hours, in at most `MOST_BATCHES` batches."""
        since = criteria.free_from or self.clock.now()
        until = criteria.free_to or since + 7 * DAY
        if not since < until <= since + MAX_SEARCH_RANGE:
            raise Invalid(free_to="Choose an end after the start, at most 62 days later.")
        found = _Available(criteria.limit)
        cursor = search.cursor
        last_start = until - timedelta(hours=criteria.hours) + timedelta(minutes=1)
        for _ in range(MOST_BATCHES):
            page = await self.store.repositories.developers.search(
                replace(search, limit=BATCH, cursor=cursor)
            )
            free = await self.free.slots(
                list(page.items), since=since, until=last_start, hours=criteria.hours, step=1
            )
            for place, item in enumerate(page.items):
                if free[item.id]:
                    found.add(page, place)
                if found.full and item != page.items[-1]:
                    return found.page(page.cursor_after(place, search.sort))
            cursor = page.next
            if cursor is None or found.full:
                break
        return found.page(cursor)


@dataclass(slots=True)
class _Available:
    """A page that is collected from parts of others."""

    limit: int
    items: list[Developer] = field(default_factory=list)
    matched: list[frozenset[str]] = field(default_factory=list)

    @property
    def full(self) -> bool:
        return len(self.items) >= self.limit

    def add(self, page: DeveloperPage, place: int) -> None:
        self.items.append(page.items[place])
        self.matched += page.matched[place : place + 1]

    def page(self, cursor: str | None) -> DeveloperPage:
        return DeveloperPage(tuple(self.items), cursor, tuple(self.matched))
