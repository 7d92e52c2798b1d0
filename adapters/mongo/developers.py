"""Developers in MongoDB: a search reads ranges of the indexes over (term, order)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from pymongo import ASCENDING, IndexModel

from adapters.mongo.context import RepositoryContext
from adapters.mongo.counting import count_profiles
from adapters.mongo.driver import Document
from adapters.mongo.profiles import (
    ORDER_FIELDS,
    OUTDATED,
    RULES,
    SAMPLED,
    TERMS,
    next_times_fields,
    profiles,
    sample_end,
    search_fields,
)
from adapters.mongo.ranked import ranked_page
from adapters.mongo.repository import VersionedRepository
from adapters.mongo.searches import SAMPLE, SHARES, SKILL_SAMPLE, SearchStatistics
from adapters.mongo.skill_words import MongoSkillWords
from adapters.mongo.word_search import WordReader, limits
from core.developers import Developer, DeveloperId
from core.search_terms import MATCH_ALL, zone_term
from core.timezones import old_timezone_names
from ports.developers import (
    UNRATED,
    DeveloperPage,
    Developers,
    Search,
    SkillCount,
    Sort,
)
from ports.ranking import Place

FIRST_TIME = datetime(1970, 1, 1, tzinfo=UTC)
EXTRA_RESULTS = 5
"""Further results that are read, so that a bound remains valid after a few changes."""


class MongoDevelopers(VersionedRepository[Developer], Developers):
    name = "developers"
    extra_collections = (MongoSkillWords,)
    indexes = (
        IndexModel([("account_id", ASCENDING)], name="account_once", unique=True),
        *(
            IndexModel([("terms", ASCENDING), (field, ASCENDING)], name=field)
            for field in ORDER_FIELDS.values()
        ),
        IndexModel([(RULES, ASCENDING)], name=RULES),
        IndexModel([(SAMPLED, ASCENDING)], name=SAMPLED),
        IndexModel([(OUTDATED, ASCENDING)], name=OUTDATED),
    )

    def __init__(self, context: RepositoryContext) -> None:
        super().__init__(context)
        self._searches = context.shared.searches
        self._vocabulary = context.shared.vocabulary
        self._skill_words = MongoSkillWords(context)
        self.mapping = profiles(self._vocabulary)

    async def find_by_account(self, account_id: str) -> Developer | None:
        return await self.find_where({"account_id": account_id})

    async def add(self, developer: Developer) -> Developer:
        self._searches.pages.clear()
        await self._skill_words.add_those_of(developer)
        return await super().add(developer)

    async def save(self, developer: Developer) -> Developer:
        self._searches.pages.clear()
        await self._skill_words.add_those_of(developer)
        return await super().save(developer)

    async def rebuild_terms(self) -> None:
        """Make the terms of profiles that were stored under other rules or with an old name of
        their time zone. A profile that somebody saves meanwhile has new terms by that."""
        old_zones = [zone_term(name) for name in old_timezone_names()]
        for other in (None, {"$lt": self._vocabulary.digest}, {"$gt": self._vocabulary.digest}):
            await self._rebuild({RULES: other})
        await self._rebuild({TERMS: {"$in": old_zones}})
        self._searches.pages.clear()

    async def _rebuild(self, which: Document) -> None:
        async for document in self.collection.each(which):
            developer = self.mapping.from_document(document)
            await self._skill_words.add_those_of(developer)
            await self.collection.update(
                {"_id": document["_id"], "version": document["version"]},
                {"$set": search_fields(developer, self._vocabulary)},
            )

    async def search(self, search: Search) -> DeveloperPage:
        """Cached in the process for a second, unless a profile is changed in this process."""
        compute = self._search_words if search.words else self._search
        return await self._searches.pages.get(search, lambda: compute(search))

    async def _search_words(self, search: Search) -> DeveloperPage:
        place = Place.of(search.cursor)
        ranked = await ranked_page(await self._reader(search), limit=search.limit, place=place)
        return DeveloperPage(
            tuple(self.mapping.from_document(each.item) for each in ranked.items),
            str(ranked.next) if ranked.next else None,
            matched=tuple(each.matched for each in ranked.items),
            cursors=tuple(map(str, ranked.places)),
        )

    async def _reader(self, search: Search) -> WordReader:
        statistics = await self._searches.statistics.get(None, self._sample_profiles)
        return WordReader(self.collection, search, statistics)

    async def _search(self, search: Search) -> DeveloperPage:
        order, found = ORDER_FIELDS[search.sort], list[Document]()
        statistics = await self._searches.statistics.get(None, self._sample_profiles)
        bound_before = self._searches.bounds.get(search)
        first, rest = _filters(search, statistics)
        bounds = (
            statistics.ends(order, search.cursor or "", (first[TERMS],))
            if bound_before is None
            else (bound_before, None)
        )
        for bound in bounds:
            found = await self._range(search, bound, first, rest)
            if len(found) > search.limit:
                break
        page, more = found[: search.limit], None
        if len(found) > search.limit:
            more = page[-1][order]
            self._searches.bounds[search] = found[-1][order]
        return DeveloperPage(tuple(self.mapping.from_document(document) for document in page), more)

    async def count(self, search: Search, *, at_most: int) -> int:
        """Cached for half a minute: counting many is expensive."""
        query = replace(search, cursor=None)
        return await self._searches.counts.get(
            (query, at_most), lambda: self._count(query, at_most)
        )

    async def skill_words(self, beginning: str, *, limit: int) -> tuple[str, ...]:
        """Cached for a minute."""
        words = self._searches.beginnings
        return (await words.get(beginning, lambda: self._skill_words.beginning(beginning)))[:limit]

    async def rated(self) -> bool:
        """Cached for ten minutes. The index range is read only if no profile of the sample is
        rated, so it is small."""
        return await self._searches.rated.get(None, self._rated)

    async def _rated(self) -> bool:
        statistics = await self._searches.statistics.get(None, self._sample_profiles)
        if statistics.first_key(ORDER_FIELDS[Sort.RATING]) < UNRATED:
            return True
        rated = {"terms": MATCH_ALL, ORDER_FIELDS[Sort.RATING]: {"$lt": UNRATED}}
        return await self.collection.find_one(rated, fields={"_id": 1}) is not None

    async def published_count(self) -> int:
        """Estimated from the sample, so up to ten minutes old."""
        return (await self._searches.statistics.get(None, self._sample_profiles)).profiles

    async def published_part(self, part: int, *, parts: int, limit: int) -> tuple[DeveloperId, ...]:
        """One range of the index."""
        keys = {"$gte": sample_end(part / parts), "$lt": sample_end((part + 1) / parts)}
        found = await self.collection.find(
            {SAMPLED: keys}, fields={"_id": 1}, order=[(SAMPLED, ASCENDING)], limit=limit
        )
        return tuple(DeveloperId(each["_id"]) for each in found)

    async def outdated(self, *, now: datetime, limit: int) -> tuple[Developer, ...]:
        """One range of an index; the lower end leaves out the profiles without times."""
        found = await self.collection.find(
            {OUTDATED: {"$gt": FIRST_TIME, "$lt": now}},
            order=[(OUTDATED, ASCENDING)],
            limit=limit,
            fields={"bio": 0, "terms": 0},
        )
        return tuple(map(self.mapping.from_document, found))

    async def set_next_times(
        self, changes: Sequence[tuple[Developer, tuple[datetime, ...]]]
    ) -> int:
        """One request."""
        updates = []
        for developer, times in changes:
            changed = replace(developer, next_times=times)
            new = {**next_times_fields(changed), "version": developer.version + 1}
            seen = {"_id": developer.id, "version": developer.version}
            updates.append((seen, {"$set": new}))
        return await self.collection.update_each(updates) if updates else 0

    async def skills(self, *, limit: int) -> tuple[SkillCount, ...]:
        """Cached for a minute. Of many profiles, those of a sample are counted."""
        return await self._searches.skills.get(limit, lambda: self._skills(limit))

    async def _sample_profiles(self) -> SearchStatistics:
        """Called once in ten minutes. One range of an index has a share of all published profiles;
        it is widened until it has enough."""
        orders = ORDER_FIELDS.values()
        for share in SHARES:
            sample = await self.collection.find(
                {SAMPLED: {"$lt": sample_end(share)}}, fields={TERMS: 1, **dict.fromkeys(orders, 1)}
            )
            if len(sample) >= SAMPLE:
                break
        return SearchStatistics(sample, orders, share)

    async def _range(
        self, search: Search, bound: str | None, first: Document, rest: Document
    ) -> list[Document]:
        """The first stage selects one index range, the second has the other conditions.

        MongoDB combines both stages. Engines with a simpler planner use an index only for a
        filter without further fields.
        """
        order = ORDER_FIELDS[search.sort]
        keys = _without_none({"$gt": search.cursor, "$lte": bound})
        stages: list[Document] = [
            {"$match": {**first, order: keys} if keys else first},
            {"$match": rest},
            {"$sort": {order: ASCENDING}},
            {"$limit": search.limit + 1 + EXTRA_RESULTS},
            {"$project": {"bio": 0, "terms": 0}},
        ]
        return await self.collection.aggregate(stages)

    async def _count(self, search: Search, at_most: int) -> int:
        statistics = await self._searches.statistics.get(None, self._sample_profiles)
        if search.words:
            reader = WordReader(self.collection, search, statistics)
            terms, conditions = reader.index_terms(all_words=False), reader.conditions(False)
        else:
            first, conditions = _filters(search, statistics)
            terms = (first[TERMS],)
        return await count_profiles(
            self.collection, statistics, terms=terms, conditions=conditions, at_most=at_most
        )

    async def _skills(self, limit: int) -> tuple[SkillCount, ...]:
        """Spellings of one skill are counted together, under the most frequent one. Each range of
        the sample's index has its share of every skill, so what is read does not grow."""
        statistics = await self._searches.statistics.get(None, self._sample_profiles)
        share = min(1.0, SKILL_SAMPLE / max(statistics.profiles, 1))
        sample = await self.collection.find(
            {SAMPLED: {"$lt": sample_end(share)}}, fields={"_id": 0, "skills": 1}
        )
        counted = Counter(skill for each in sample for skill in each["skills"])
        spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for skill in sorted(counted):
            spellings[self._vocabulary.skill_key(skill)][skill] = counted[skill]
        counts = [
            SkillCount(s.most_common(1)[0][0], round(s.total() / share)) for s in spellings.values()
        ]
        return tuple(sorted(counts, key=lambda c: (-c.count, c.name))[:limit])


def _filters(search: Search, statistics: SearchStatistics) -> tuple[Document, Document]:
    """The rarest term, for the index, and the other conditions. An unpublished profile has no
    terms, so no search finds it."""
    rarest, *others = sorted(search.terms or (MATCH_ALL,), key=statistics.frequency)
    rest: Document = {"terms": {"$all": others}} if others else {}
    return {"terms": rarest}, rest | limits(search)


def _without_none(ends: Mapping[str, object]) -> dict[str, object]:
    return {operator: end for operator, end in ends.items() if end is not None}
