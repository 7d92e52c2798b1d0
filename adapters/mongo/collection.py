"""What the collections share: versions, pages by one key, and the documents' ways in and out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from pymongo import DESCENDING, IndexModel

from adapters.mongo.rows import Document, Filter, Rows, View
from core.errors import Conflict
from ports.store import Missing, Stale


class Entity(Protocol):
    """A frozen aggregate with an id and a version."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def id(self) -> str: ...
    @property
    def version(self) -> int: ...


E = TypeVar("E", bound=Entity)
Item = TypeVar("Item")


class Kept:
    """A collection with its name, its indexes, and the errors of its unique ones."""

    name: ClassVar[str]
    indexes: ClassVar[Sequence[IndexModel]] = ()
    unique: ClassVar[Mapping[str, type[Conflict]]] = {}

    def __init__(self, view: View) -> None:
        self.rows: Rows = view.rows(self.name, self.unique)


class Collection(Kept, Generic[E]):
    """Versioned entities, translated by two plain functions."""

    def __init__(
        self,
        view: View,
        to_document: Callable[[E], Document],
        from_document: Callable[[Document], E],
    ) -> None:
        super().__init__(view)
        self._to_document = to_document
        self._from_document = from_document

    async def get(self, entity_id: str) -> E:
        found = await self.find(entity_id)
        if found is None:
            raise Missing
        return found

    async def find(self, entity_id: str) -> E | None:
        return await self.find_where({"_id": entity_id})

    async def many(self, entity_ids: Sequence[str]) -> dict[str, E]:
        found = await self.rows.find({"_id": {"$in": list(entity_ids)}}, order=[])
        return {document["_id"]: self._from_document(document) for document in found}

    async def find_where(self, filter_: Filter) -> E | None:
        document = await self.rows.find_one(filter_)
        return self._from_document(document) if document else None

    async def add(self, entity: E) -> E:
        await self.rows.insert(self._to_document(entity))
        return entity

    async def save(self, entity: E) -> E:
        saved = replace(entity, version=entity.version + 1)
        seen = {"_id": entity.id, "version": entity.version}
        if not await self.rows.replace(seen, self._to_document(saved)):
            raise Stale if await self.find(entity.id) else Missing
        return saved


def order_key(moment: datetime, entity_id: str) -> str:
    """Time and id in one text that sorts by both: a page is one range of one index."""
    return f"{moment:%Y%m%d%H%M%S}{moment.microsecond // 1000:03d}|{entity_id}"


def any_of(ids: Sequence[str]) -> object:
    """The condition for one of the ids. A single one is an equality, beside which every engine
    can walk a range."""
    return ids[0] if len(ids) == 1 else {"$in": list(ids)}


async def newest_first(
    rows: Rows,
    filter_: Filter,
    from_document: Callable[[Document], Item],
    *,
    limit: int,
    cursor: str | None,
) -> tuple[tuple[Item, ...], str | None]:
    """One page by descending `order_key`, and the cursor of the next."""
    before = {"order_key": {"$lt": cursor}} if cursor is not None else {}
    found = await rows.find(
        {**filter_, **before}, order=[("order_key", DESCENDING)], limit=limit + 1
    )
    page = found[:limit]
    more = page[-1]["order_key"] if len(found) > limit else None
    return tuple(from_document(document) for document in page), more
