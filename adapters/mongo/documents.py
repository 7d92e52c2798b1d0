"""Declared documents in MongoDB (ports/documents.py)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, TypeVar

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import ASCENDING, DESCENDING, IndexModel

from adapters.mongo.conditions import filter_of, times_of, without_times
from adapters.mongo.context import RepositoryContext
from adapters.mongo.driver import Document
from adapters.mongo.mapping import DocumentMapping, to_value
from adapters.mongo.repository import VersionedRepository
from core.errors import Conflict
from ports.conditions import Condition
from ports.document_checks import KEYS
from ports.documents import Documents, DocumentType, Entity, Order
from ports.store import Duplicate

T = TypeVar("T", bound=Entity)


class CollectionDefinition:
    """Mapping, indexes and errors of a declared type, made once per store."""

    def __init__(self, kind: DocumentType[Any]) -> None:
        self.kind = kind
        derived: dict[str, Callable[[Any], object]] = {KEYS: self._keys} if kind.orders else {}
        self.mapping: DocumentMapping[Any] = DocumentMapping(kind.entity, derived=derived)
        self.errors: Mapping[str, type[Conflict]] = {
            _run_unique_name(rule.fields): rule.error or Duplicate for rule in kind.unique
        }
        self.indexes = [*self._unique(), *map(_index, kind.orders), *self._ttl()]

    async def add_keys(self, database: AsyncIOMotorDatabase[Document]) -> None:
        """Add the sort keys of newly declared orders to stored documents. Must be called before the
        indexes are created, because a missing index shows that an order is new."""
        collection = database[self.kind.collection]
        existing = await collection.index_information()
        if all(f"order_{order.name}" in existing for order in self.kind.orders):
            return
        async for document in collection.find():
            keys = self._keys(self.mapping.from_document(document))
            seen = {"_id": document["_id"], "version": document["version"]}
            await collection.update_one(seen, {"$set": {KEYS: keys}})

    def _keys(self, entity: Entity) -> dict[str, str]:
        return {order.name: order.key(entity) for order in self.kind.orders}

    def _unique(self) -> Sequence[IndexModel]:
        return [
            IndexModel(
                [(_path(p), ASCENDING) for p in r.fields],
                name=_run_unique_name(r.fields),
                unique=True,
            )
            for r in self.kind.unique
        ]

    def _ttl(self) -> Sequence[IndexModel]:
        if self.kind.expires is None:
            return []
        return [IndexModel([(self.kind.expires, ASCENDING)], name="ttl", expireAfterSeconds=0)]


class MongoDocuments(VersionedRepository[T], Documents[T]):
    """Each order has a composed sort key in the document (`Order.key`), so that a page is one
    index range on every engine."""

    def __init__(self, context: RepositoryContext, definition: CollectionDefinition) -> None:
        self.name = definition.kind.collection
        self.unique = definition.errors
        self.mapping = definition.mapping
        self._kind = definition.kind
        super().__init__(context)

    async def remove(self, entity_id: str) -> bool:
        return await self.collection.remove({"_id": entity_id})

    async def find_one(self, **equals: object) -> T | None:
        self._kind.check_equals(equals)
        return await self.find_where(_filter(equals))

    async def count(self, *, limit: int, **equals: object) -> int:
        self._kind.check_equals(equals)
        counted = await self.collection.aggregate(
            [{"$match": _filter(equals)}, {"$limit": limit}, {"$count": "number"}]
        )
        return int(counted[0]["number"]) if counted else 0

    async def page(
        self,
        order: str,
        *,
        equals: Mapping[str, object] | None = None,
        limit: int = 20,
        cursor: str | None = None,
        where: Sequence[Condition] = (),
    ) -> tuple[tuple[T, ...], str | None]:
        self._kind.check_where(where)
        wanted = self._kind.order(order, equals or {})
        keys = _keys_of(wanted, where, cursor)
        after = {_key(wanted): keys} if keys else {}
        found = await self.collection.find(
            filter_of(without_times(where, wanted.by[0]), {**_filter(equals or {}), **after}),
            order=[_sort(wanted)],
            limit=limit + 1,
        )
        page = found[:limit]
        more = page[-1][KEYS][order] if len(found) > limit else None
        return tuple(self.mapping.from_document(document) for document in page), more

    async def each(self, **equals: object) -> AsyncIterator[T]:
        if equals:
            self._kind.check_equals(equals)
        async for document in self.collection.each(_filter(equals)):
            yield self.mapping.from_document(document)

    async def texts(self, path: str) -> AsyncIterator[str]:
        stored = _path(path)
        async for document in self.collection.each({}, fields=_alone(stored)):
            found: Any = document
            for name in stored.split("."):
                found = found[name]
            yield found


def _alone(path: str) -> Document:
    """The fields to read for one path."""
    return {path: 1} if path == "_id" else {"_id": 0, path: 1}


def _filter(equals: Mapping[str, object]) -> Document:
    return {_path(path): to_value(value) for path, value in equals.items()}


def _path(path: str) -> str:
    return "_id" if path == "id" else path


def _run_unique_name(fields: Sequence[str]) -> str:
    """The name of a unique index, by which its error is found."""
    return f"unique({','.join(fields)})"


def _key(order: Order) -> str:
    return f"{KEYS}.{order.name}"


def _keys_of(order: Order, where: Sequence[Condition], cursor: str | None) -> Document:
    """The range of the sort keys after the cursor, and within the times that are wanted."""
    since, before = times_of(where, order.by[0])
    keys: Document = {"$gte": order.edge(since)} if since else {}
    if before:
        keys["$lt"] = order.edge(before)
        keys.setdefault("$gte", order.first)
    if cursor is not None and order.descending:
        keys["$lt"] = min(cursor, keys.get("$lt", cursor))
    elif cursor is not None:
        keys["$gt"] = cursor
    return keys


def _sort(order: Order) -> tuple[str, int]:
    return _key(order), DESCENDING if order.descending else ASCENDING


def _index(order: Order) -> IndexModel:
    equal = [(_path(path), ASCENDING) for path in order.equals]
    return IndexModel([*equal, _sort(order)], name=f"order_{order.name}")
