"""Developers in MongoDB: a search is one range of one index over (term, order)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace

from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo import ASCENDING, IndexModel

from adapters.mongo.context import RepositoryContext
from adapters.mongo.driver import Document
from adapters.mongo.profiles import ORDER_FIELDS, PROFILES
from adapters.mongo.repository import VersionedRepository
from adapters.mongo.searches import SAMPLE, SearchStatistics
from core.developers import MATCH_ALL, Developer, folded, zone_term
from core.timezones import old_timezone_names
from ports.developers import DeveloperPage, Developers, Search, SkillCount

EXTRA_RESULTS = 5
"""Further results that are read, so that a bound remains valid after a few changes."""


class MongoDevelopers(VersionedRepository[Developer], Developers):
    name = "developers"
    mapping = PROFILES
    indexes = (
        IndexModel([("account_id", ASCENDING)], name="account_once", unique=True),
        *(
            IndexModel([("terms", ASCENDING), (field, ASCENDING)], name=field)
            for field in ORDER_FIELDS.values()
        ),
    )

    def __init__(self, context: RepositoryContext) -> None:
        super().__init__(context)
        self._searches = context.shared.searches

    @classmethod
    async def complete(cls, collection: AsyncIOMotorCollection[Document]) -> None:
        """Search terms with the canonical name of the time zone instead of an old one."""
        old = [zone_term(name) for name in old_timezone_names()]
        async for document in collection.find({"terms": {"$in": old}}):
            terms = PROFILES.to_document(PROFILES.from_document(document))["terms"]
            seen = {"_id": document["_id"], "version": document["version"]}
            await collection.update_one(seen, {"$set": {"terms": terms}})

    async def find_by_account(self, account_id: str) -> Developer | None:
        return await self.find_where({"account_id": account_id})

    async def add(self, developer: Developer) -> Developer:
        self._searches.pages.clear()
        return await super().add(developer)

    async def save(self, developer: Developer) -> Developer:
        self._searches.pages.clear()
        return await super().save(developer)

    async def search(self, search: Search) -> DeveloperPage:
        """Cached in the process for a second, unless a profile is changed in this process."""
        return await self._searches.pages.get(search, lambda: self._search(search))

    async def _search(self, search: Search) -> DeveloperPage:
        order, found = ORDER_FIELDS[search.sort], list[Document]()
        statistics = await self._searches.statistics.get(None, self._sample_profiles)
        bound_before = self._searches.bounds.get(search)
        bounds = (
            statistics.upper_bounds(order, search.cursor)
            if bound_before is None
            else (bound_before, None)
        )
        for bound in bounds:
            found = await self._range(search, bound, statistics)
            if len(found) > search.limit:
                break
        page, more = found[: search.limit], None
        if len(found) > search.limit:
            more = page[-1][order]
            self._searches.bounds[search] = found[-1][order]
        return DeveloperPage(tuple(PROFILES.from_document(document) for document in page), more)

    async def count(self, search: Search, *, at_most: int) -> int:
        """Cached for half a minute: counting many is expensive."""
        query = replace(search, cursor=None)
        return await self._searches.counts.get(
            (query, at_most), lambda: self._count(query, at_most)
        )

    async def skills(self, *, limit: int) -> tuple[SkillCount, ...]:
        """Cached for a minute: this reads every published profile."""
        return await self._searches.skills.get(limit, lambda: self._skills(limit))

    async def _sample_profiles(self) -> SearchStatistics:
        """Called once in ten minutes. Sampling is the first stage, so that MongoDB reads random
        documents instead of all; unpublished profiles are filtered out afterwards."""
        orders = ORDER_FIELDS.values()
        sample = await self.collection.aggregate(
            [
                {"$sample": {"size": SAMPLE}},
                {"$match": {"terms": MATCH_ALL}},
                {"$project": {"terms": 1, **dict.fromkeys(orders, 1)}},
            ]
        )
        return SearchStatistics(sample, orders)

    async def _range(
        self, search: Search, bound: str | None, statistics: SearchStatistics
    ) -> list[Document]:
        """The first stage selects one index range, the second has the other conditions.

        MongoDB combines both stages. Engines with a simpler planner use an index only for a
        filter without further fields.
        """
        order = ORDER_FIELDS[search.sort]
        first, rest = _filters(search, statistics)
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
        first, rest = _filters(search, statistics)
        stages: list[Document] = [
            {"$match": first},
            {"$match": rest},
            {"$limit": at_most},
            {"$count": "number"},
        ]
        counted = await self.collection.aggregate(stages)
        return int(counted[0]["number"]) if counted else 0

    async def _skills(self, limit: int) -> tuple[SkillCount, ...]:
        """Spellings of one skill are counted together, under the most frequent one."""
        counted = await self.collection.aggregate(
            [
                {"$match": {"terms": MATCH_ALL}},
                {"$unwind": "$skills"},
                {"$group": {"_id": "$skills", "count": {"$sum": 1}}},
            ]
        )
        spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for document in sorted(counted, key=lambda document: str(document["_id"])):
            spellings[folded(document["_id"])][document["_id"]] = document["count"]
        counts = [SkillCount(s.most_common(1)[0][0], s.total()) for s in spellings.values()]
        return tuple(sorted(counts, key=lambda c: (-c.count, c.name))[:limit])


def _filters(search: Search, statistics: SearchStatistics) -> tuple[Document, Document]:
    """The rarest term, for the index, and the other conditions. An unpublished profile has no
    terms, so no search finds it."""
    rarest, *others = sorted(search.terms or (MATCH_ALL,), key=statistics.frequency)
    others_by_field = {
        "terms": {"$all": others} if others else {},
        "rate.amount": _without_none({"$gte": search.min_rate, "$lte": search.max_rate}),
        "rating.hundredths": _without_none({"$gte": search.min_rating}),
    }
    return {"terms": rarest}, {field: value for field, value in others_by_field.items() if value}


def _without_none(ends: Mapping[str, object]) -> dict[str, object]:
    return {operator: end for operator, end in ends.items() if end is not None}
