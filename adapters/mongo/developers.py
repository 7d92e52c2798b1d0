"""Developers in MongoDB: a search is one range of one index over (term, order)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace

from pymongo import ASCENDING, IndexModel

from adapters.mongo.collection import Collection
from adapters.mongo.profiles import ORDER_FIELDS, from_document, to_document
from adapters.mongo.rows import Document, View
from adapters.mongo.searches import SAMPLE, Market, Searches
from core.developers import EVERYBODY, Developer, folded
from ports.developers import DeveloperPage, Developers, Search, SkillCount

SLACK = 5
"""How many more than needed are read, so that a bound outlives a few changes."""


class MongoDevelopers(Collection[Developer], Developers):
    name = "developers"
    indexes = (
        IndexModel([("account_id", ASCENDING)], name="account_once", unique=True),
        *(
            IndexModel([("terms", ASCENDING), (field, ASCENDING)], name=field)
            for field in ORDER_FIELDS.values()
        ),
    )

    def __init__(self, view: View, searches: Searches) -> None:
        super().__init__(view, to_document, from_document)
        self._searches = searches

    async def find_by_account(self, account_id: str) -> Developer | None:
        return await self.find_where({"account_id": account_id})

    async def add(self, developer: Developer) -> Developer:
        self._searches.pages.forget()
        return await super().add(developer)

    async def save(self, developer: Developer) -> Developer:
        self._searches.pages.forget()
        return await super().save(developer)

    async def search(self, search: Search) -> DeveloperPage:
        """Asked twice within a second it is worked out once, unless a profile was changed in
        this process between the two."""
        return await self._searches.pages.get(search, lambda: self._search(search))

    async def _search(self, search: Search) -> DeveloperPage:
        order, found = ORDER_FIELDS[search.sort], list[Document]()
        market = await self._searches.market.get(None, self._look_around)
        learnt = self._searches.bounds.find(search)
        bounds = market.windows(order, search.cursor) if learnt is None else (learnt, None)
        for bound in bounds:
            found = await self._range(search, bound, market)
            if len(found) > search.limit:
                break
        page, more = found[: search.limit], None
        if len(found) > search.limit:
            more = page[-1][order]
            self._searches.bounds.learn(search, found[-1][order])
        return DeveloperPage(tuple(from_document(document) for document in page), more)

    async def count(self, search: Search, *, at_most: int) -> int:
        """Remembered for half a minute: counting many is dear."""
        asked = replace(search, cursor=None)
        return await self._searches.counts.get(
            (asked, at_most), lambda: self._count(asked, at_most)
        )

    async def skills(self, *, limit: int) -> tuple[SkillCount, ...]:
        """Remembered for a minute: this reads every published profile."""
        return await self._searches.skills.get(limit, lambda: self._skills(limit))

    async def _look_around(self) -> Market:
        """Once in ten minutes. Sampling comes first: MongoDB then jumps about instead of reading
        all; drafts that were hit fall out afterwards."""
        orders = ORDER_FIELDS.values()
        sample = await self.rows.aggregate(
            [
                {"$sample": {"size": SAMPLE}},
                {"$match": {"terms": EVERYBODY}},
                {"$project": {"terms": 1, **dict.fromkeys(orders, 1)}},
            ]
        )
        return Market(sample, orders)

    async def _range(self, search: Search, bound: str | None, market: Market) -> list[Document]:
        """One range of the index first, the rest of the wishes after it.

        MongoDB makes one plan of both stages; engines with a simpler planner use an index
        only for a filter that names nothing else.
        """
        order = ORDER_FIELDS[search.sort]
        first, rest = _filters(search, market)
        keys = _given({"$gt": search.cursor, "$lte": bound})
        stages: list[Document] = [
            {"$match": {**first, order: keys} if keys else first},
            {"$match": rest},
            {"$sort": {order: ASCENDING}},
            {"$limit": search.limit + 1 + SLACK},
            {"$project": {"bio": 0, "terms": 0}},
        ]
        return await self.rows.aggregate(stages)

    async def _count(self, search: Search, at_most: int) -> int:
        market = await self._searches.market.get(None, self._look_around)
        first, rest = _filters(search, market)
        stages: list[Document] = [
            {"$match": first},
            {"$match": rest},
            {"$limit": at_most},
            {"$count": "number"},
        ]
        counted = await self.rows.aggregate(stages)
        return int(counted[0]["number"]) if counted else 0

    async def _skills(self, limit: int) -> tuple[SkillCount, ...]:
        """Spellings of one skill count together, under the most frequent one."""
        spelt = await self.rows.aggregate(
            [
                {"$match": {"terms": EVERYBODY}},
                {"$unwind": "$skills"},
                {"$group": {"_id": "$skills", "count": {"$sum": 1}}},
            ]
        )
        spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for document in sorted(spelt, key=lambda document: str(document["_id"])):
            spellings[folded(document["_id"])][document["_id"]] = document["count"]
        counts = [SkillCount(s.most_common(1)[0][0], s.total()) for s in spellings.values()]
        return tuple(sorted(counts, key=lambda c: (-c.count, c.name))[:limit])


def _filters(search: Search, market: Market) -> tuple[Document, Document]:
    """The rarest term, for the index, and all else. Who is not published has no terms, so
    nothing here finds them."""
    rarest, *others = sorted(search.terms or (EVERYBODY,), key=market.frequency)
    wishes = {
        "terms": {"$all": others} if others else {},
        "rate.amount": _given({"$gte": search.min_rate, "$lte": search.max_rate}),
        "rating.hundredths": _given({"$gte": search.min_rating}),
    }
    return {"terms": rarest}, {field: criteria for field, criteria in wishes.items() if criteria}


def _given(ends: Mapping[str, object]) -> dict[str, object]:
    return {operator: end for operator, end in ends.items() if end is not None}
