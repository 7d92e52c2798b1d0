"""Lists of a whole collection by time, for operators.

Nothing narrows these lists but their order, so each query has a range of the sort key: without
one, engines with a simpler planner do not use the index, and some evaluate the whole range before
they apply the limit. The range therefore begins with a short span of time and grows until it has
a page. MongoDB reads no more documents than the page has.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TypeVar

from pymongo import ASCENDING, DESCENDING

from adapters.mongo.driver import Filter, MongoCollection
from adapters.mongo.mapping import DocumentMapping
from adapters.mongo.repository import LAST, edge, order_key
from core.policy import DAY, HOUR

SPANS = (HOUR, DAY, 30 * DAY)
FIRST = " "
"""Sorts before every key. Not the empty text, after which some engines find nothing."""

Item = TypeVar("Item")
Page = tuple[tuple[Item, ...], str | None]


async def latest_page(
    collection: MongoCollection,
    filter_: Filter,
    mapping: DocumentMapping[Item],
    *,
    now: datetime,
    limit: int,
    cursor: str | None,
    times: tuple[datetime | None, datetime | None] = (None, None),
) -> Page[Item]:
    """One page by descending `order_key`, and the cursor of the next. `times` limits the list: the
    first one, and the end."""
    first, end = map(edge, times)
    if end is not None:
        cursor = end if cursor is None else min(cursor, end)
    begin = _time_of(cursor, now)
    before, least = cursor if cursor is not None else LAST, first or FIRST
    starts = (order_key(begin - span, "") for span in SPANS)
    ranges = (
        {"$gte": since, "$lt": before}
        for since in (*(start for start in starts if start > least), least)
    )
    return await _page(collection, filter_, mapping, "order_key", ranges, DESCENDING, limit)


async def earliest_page(
    collection: MongoCollection,
    filter_: Filter,
    mapping: DocumentMapping[Item],
    *,
    now: datetime,
    limit: int,
    cursor: str | None,
    key: str = "order_key",
    times: tuple[datetime | None, datetime | None] = (None, None),
) -> Page[Item]:
    """One page by ascending `key`, which is made as `order_key`, and the cursor of the next.
    `times` limits the list: the first one, and the end."""
    first, end = map(edge, times)
    if first is not None:
        cursor = first if cursor is None else max(cursor, first)
    begin = _time_of(cursor, now)
    after, most = cursor if cursor is not None else FIRST, end or LAST
    ends = (order_key(begin + span, "") for span in SPANS)
    ranges = (
        {"$gt": after, "$lt": until} for until in (*(each for each in ends if each < most), most)
    )
    return await _page(collection, filter_, mapping, key, ranges, ASCENDING, limit)


async def _page(
    collection: MongoCollection,
    filter_: Filter,
    mapping: DocumentMapping[Item],
    key: str,
    ranges: Iterator[Filter],
    direction: int,
    limit: int,
) -> Page[Item]:
    found = []
    for keys in ranges:
        found = await collection.find(
            {**filter_, key: keys}, order=[(key, direction)], limit=limit + 1
        )
        if len(found) > limit:
            break
    page = found[:limit]
    more = page[-1][key] if len(found) > limit else None
    return tuple(mapping.from_document(document) for document in page), more


def _time_of(cursor: str | None, now: datetime) -> datetime:
    """The time in a sort key; now for a list that begins."""
    try:
        whole = datetime.strptime((cursor or "")[:14], "%Y%m%d%H%M%S")
    except ValueError:
        return now
    return whole.replace(tzinfo=UTC)
