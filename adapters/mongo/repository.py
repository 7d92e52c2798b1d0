"""Base classes of the repositories: mapping, versions and pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar, Generic, TypeVar

from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo import ASCENDING, DESCENDING, IndexModel

from adapters.mongo.context import RepositoryContext
from adapters.mongo.driver import Document, Filter, MongoCollection
from adapters.mongo.mapping import DocumentMapping
from core.errors import Conflict
from ports.documents import Entity
from ports.store import Missing, Stale

TTL_INDEX = "rubbish"
"""The stored name of TTL indexes. Another name would create further indexes in old databases."""

LAST = "\U0010ffff"
"""Sorts after every id and key."""
MILLISECOND = timedelta(milliseconds=1)

E = TypeVar("E", bound=Entity)
Item = TypeVar("Item")


class MongoRepository:
    """A repository: its collection, indexes, and the errors of its unique indexes by name."""

    name: str
    indexes: Sequence[IndexModel] = ()
    unique: Mapping[str, type[Conflict]] = {}
    extra_collections: ClassVar[tuple[type[MongoRepository], ...]] = ()
    """Further collections of this repository."""

    @classmethod
    async def complete(cls, collection: AsyncIOMotorCollection[Document]) -> None:
        """Add what documents of earlier versions lack, after the indexes were created. Idempotent,
        also after an interruption. Most repositories have nothing to add."""

    def __init__(self, context: RepositoryContext) -> None:
        self.collection: MongoCollection = context.open_collection(self.name, self.unique)
        self.clock = context.shared.clock

    async def flush(self) -> None:
        """Write pending documents before the commit. Most repositories have none."""


class VersionedRepository(MongoRepository, Generic[E]):
    """Versioned entities, stored by a `DocumentMapping`."""

    mapping: DocumentMapping[E]

    async def get(self, entity_id: str) -> E:
        found = await self.find(entity_id)
        if found is None:
            raise Missing
        return found

    async def find(self, entity_id: str) -> E | None:
        return await self.find_where({"_id": entity_id})

    async def many(self, entity_ids: Sequence[str]) -> dict[str, E]:
        found = await self.collection.find_with("_id", entity_ids)
        return {document["_id"]: self.mapping.from_document(document) for document in found}

    async def ids(self, *, after: str = "", limit: int) -> tuple[str, ...]:
        return await ids_after(self.collection, after, limit)

    async def find_where(self, filter_: Filter) -> E | None:
        document = await self.collection.find_one(filter_)
        return self.mapping.from_document(document) if document else None

    async def add(self, entity: E) -> E:
        await self.collection.insert(self.mapping.to_document(entity))
        return entity

    async def save(self, entity: E) -> E:
        saved = replace(entity, version=entity.version + 1)
        seen = {"_id": entity.id, "version": entity.version}

        async def missed() -> Exception:
            return Stale() if await self.find(entity.id) else Missing()

        await self.collection.replace_or_raise(seen, self.mapping.to_document(saved), missed)
        return saved


async def ids_after(collection: MongoCollection, after: str, limit: int) -> tuple[str, ...]:
    """The ids later than `after`, by the index of the ids alone."""
    found = await collection.find(
        {"_id": {"$gt": after}}, order=[("_id", ASCENDING)], limit=limit, fields={"_id": 1}
    )
    return tuple(document["_id"] for document in found)


def order_key(moment: datetime, entity_id: str) -> str:
    """A composed sort key of time and id, so a page is one index range."""
    # Formatting with %Y and the like takes more than twice as long.
    t = moment
    return (
        f"{t.year}{t.month:02d}{t.day:02d}{t.hour:02d}{t.minute:02d}{t.second:02d}"
        f"{t.microsecond // 1000:03d}|{entity_id}"
    )


def edge(time: datetime | None) -> str | None:
    """A text that sorts after the keys of earlier times, and before those from `time` on. It is the
    beginning of no key: some engines compare such texts wrongly in a descending index."""
    return order_key(time - MILLISECOND, LAST) if time else None


async def newest_first(
    collection: MongoCollection,
    filter_: Filter,
    mapping: DocumentMapping[Item],
    *,
    limit: int,
    cursor: str | None,
    times: tuple[datetime | None, datetime | None] = (None, None),
) -> tuple[tuple[Item, ...], str | None]:
    """One page by descending `order_key`, and the cursor of the next. `times` limits the list: the
    first one, and the end."""
    first, end = map(edge, times)
    if end is not None:
        cursor = end if cursor is None else min(cursor, end)
    limits = {"$lt": cursor, "$gte": first}
    keys = {name: key for name, key in limits.items() if key is not None}
    found = await collection.find(
        {**filter_, **({"order_key": keys} if keys else {})},
        order=[("order_key", DESCENDING)],
        limit=limit + 1,
    )
    page = found[:limit]
    more = page[-1]["order_key"] if len(found) > limit else None
    return tuple(mapping.from_document(document) for document in page), more
