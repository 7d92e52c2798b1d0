"""Developers in memory."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import replace
from datetime import datetime

from adapters.memory.repositories.repository import VersionedRepository, yield_control
from core.developers import Developer, DeveloperId
from core.search_terms import MATCH_ALL, profile_terms, skill_words
from core.vocabulary import VOCABULARY
from ports.developers import (
    POSITIONS,
    DeveloperPage,
    Developers,
    Search,
    SkillCount,
    order_key,
    position_of,
)
from ports.ranking import Place, candidate


class MemoryDevelopers(VersionedRepository[Developer], Developers):
    name = "developers"

    def unique_keys(self, entity: Developer) -> Sequence[Hashable]:
        return (entity.account_id,)

    async def find_by_account(self, account_id: str) -> Developer | None:
        await yield_control()
        return next((d for d in self.table.all() if d.account_id == account_id), None)

    async def search(self, search: Search) -> DeveloperPage:
        await yield_control()
        if search.words:
            return self._ranked(search)
        found = sorted(
            ((order_key(d, search.sort), d) for d in self._matching(search)), key=lambda k: k[0]
        )
        rest = [(key, d) for key, d in found if search.cursor is None or key > search.cursor]
        page = rest[: search.limit]
        more = page[-1][0] if len(rest) > search.limit else None
        return DeveloperPage(tuple(replace(d, bio="") for _, d in page), more)

    def _ranked(self, search: Search) -> DeveloperPage:
        """All matches are one block."""
        place = Place.of(search.cursor)
        found = [
            candidate(each, order_key(each, search.sort), profile_terms(each), search.words)
            for each in self._matching(search)
        ]
        rest = [each for each in found if place.after is None or place.after < each.rank]
        page = sorted(rest, key=lambda each: each.rank)[: search.limit]
        cursors = tuple(str(place.shown(each.rank)) for each in page)
        return DeveloperPage(
            tuple(replace(each.item, bio="") for each in page),
            cursors[-1] if len(rest) > search.limit else None,
            matched=tuple(each.matched for each in page),
            cursors=cursors,
        )

    async def count(self, search: Search, *, at_most: int) -> int:
        await yield_control()
        return min(len(self._matching(search)), at_most)

    async def skill_words(self, beginning: str, *, limit: int) -> tuple[str, ...]:
        await yield_control()
        words = {word for each in self._matching(Search()) for word in skill_words(each)}
        found = (word for word in words if word.startswith(beginning))
        return tuple(sorted(found, key=lambda word: (len(word), word))[:limit])

    async def rated(self) -> bool:
        await yield_control()
        return any(developer.rating.count for developer in self._matching(Search()))

    async def published_count(self) -> int:
        await yield_control()
        return len(self._matching(Search()))

    async def published_part(self, part: int, *, parts: int, limit: int) -> tuple[DeveloperId, ...]:
        await yield_control()
        placed = sorted((position_of(each.id), each.id) for each in self._matching(Search()))
        return tuple(id_ for place, id_ in placed if place * parts // POSITIONS == part)[:limit]

    async def outdated(self, *, now: datetime, limit: int) -> tuple[Developer, ...]:
        await yield_control()
        found = [
            (since, each.id, each)
            for each in self.table.all()
            if (since := each.outdated_from) is not None and since < now
        ]
        return tuple(each for *_, each in sorted(found, key=lambda one: one[:2])[:limit])

    async def set_next_times(
        self, changes: Sequence[tuple[Developer, tuple[datetime, ...]]]
    ) -> int:
        changed = 0
        for developer, times in changes:
            stored = await self.find(developer.id)
            if stored and stored.version == developer.version:
                await self.save(replace(stored, next_times=times))
                changed += 1
        return changed

    async def skills(self, *, limit: int) -> tuple[SkillCount, ...]:
        await yield_control()
        spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for developer in self._matching(Search()):
            for skill in developer.skills:
                spellings[VOCABULARY.skill_key(skill)][skill] += 1
        counts = [SkillCount(s.most_common(1)[0][0], s.total()) for s in spellings.values()]
        return tuple(sorted(counts, key=lambda c: (-c.count, c.name))[:limit])

    def _matching(self, search: Search) -> list[Developer]:
        return [developer for developer in self.table.all() if _matches(developer, search)]


def _matches(developer: Developer, search: Search) -> bool:
    terms = set(profile_terms(developer).terms)
    rate, rating = developer.rate.amount, developer.rating.hundredths
    return (
        developer.published
        and terms >= set(search.terms or (MATCH_ALL,))
        and (not search.words or any(terms.intersection(group) for group in search.words))
        and (search.min_rate is None or rate >= search.min_rate)
        and (search.max_rate is None or rate <= search.max_rate)
        and (search.min_rating is None or rating >= search.min_rating)
    )
