"""Counts profiles up to a limit, reading little more than that."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.mongo.driver import Document, MongoCollection
from adapters.mongo.profiles import ORDER_FIELDS, TERMS
from adapters.mongo.searches import SearchStatistics
from ports.developers import Sort

READ_FIRST = 1.5
"""The first range that is read is expected to hold so many times the limit."""


async def count_profiles(
    collection: MongoCollection,
    statistics: SearchStatistics,
    *,
    terms: Sequence[str],
    conditions: Document,
    at_most: int,
) -> int:
    """The number of profiles with one of the terms that fulfil the conditions, up to `at_most`.

    Engines that read a whole range before they apply the limit are asked for a range that should
    suffice at first.
    """
    order, enough = ORDER_FIELDS[Sort.RATING], round(READ_FIRST * at_most)
    end = statistics.end_of(order, terms, profiles=enough)
    for last in (None,) if end is None else (end, None):
        keys = {} if last is None else {order: {"$lte": last}}
        found = set[str]()
        for term in terms:
            found |= await _ids(collection, {TERMS: term} | keys, conditions, at_most)
        if len(found) >= at_most:
            return at_most
    return len(found)


async def _ids(
    collection: MongoCollection, first: Document, rest: Document, at_most: int
) -> set[str]:
    stages: list[Document] = [
        {"$match": first},
        {"$match": rest},
        {"$limit": at_most},
        {"$project": {"_id": 1}},
    ]
    return {each["_id"] for each in await collection.aggregate(stages)}
