"""Declared documents in memory (ports/documents.py)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import TypeVar

from adapters.memory.repositories.repository import (
    UniqueIndex,
    VersionedRepository,
    all_hold,
    newest_first,
    oldest_first,
    yield_control,
)
from adapters.memory.tables import TableAccess
from ports.conditions import Condition, value_of
from ports.documents import Documents, DocumentType, Entity, Order
from ports.documents import Unique as Rule
from ports.store import Duplicate

T = TypeVar("T", bound=Entity)


class SortKeys:
    """The sort keys of stored entities, each worked out once, as a database keeps them with the
    document. One for all transactions of a store."""

    def __init__(self) -> None:
        self._known: defaultdict[tuple[str, str], dict[str, tuple[Entity, str]]]
        self._known = defaultdict(dict)

    def page(
        self,
        collection: str,
        order: Order,
        entities: Iterable[T],
        *,
        limit: int,
        cursor: str | None,
    ) -> tuple[tuple[T, ...], str | None]:
        """One page of these in their order, and the cursor of the next."""
        known, found = self._known[collection, order.name], list[tuple[str, T]]()
        for entity in entities:
            kept = known.get(entity.id)
            if kept is None or kept[0] is not entity:
                kept = known[entity.id] = (entity, order.key(entity))
            found.append((kept[1], entity))
        cut = newest_first if order.descending else oldest_first
        return cut(found, limit=limit, cursor=cursor)


class MemoryDocuments(VersionedRepository[T], Documents[T]):
    """Documents do not expire, which the contract allows."""

    def __init__(self, tables: TableAccess, kind: DocumentType[T], keys: SortKeys) -> None:
        self.name = f"documents:{kind.collection}"
        super().__init__(tables)
        self._kind = kind
        self._keys = keys
        self._rules = [
            (
                rule,
                UniqueIndex(
                    tables, f"{self.name}:{','.join(rule.fields)}", rule.error or Duplicate
                ),
            )
            for rule in kind.unique
        ]

    async def remove(self, entity_id: str) -> bool:
        await yield_control()
        stored = self.table.find(entity_id)
        if stored is None:
            return False
        for rule, unique in self._rules:
            unique.move(entity_id, [_key(rule, stored)], ())
        self.table.delete(entity_id)
        return True

    async def find_one(self, **equals: object) -> T | None:
        await yield_control()
        self._kind.check_equals(equals)
        return next(self._matching(equals), None)

    async def count(self, *, limit: int, **equals: object) -> int:
        await yield_control()
        self._kind.check_equals(equals)
        return min(limit, sum(1 for _ in self._matching(equals)))

    async def page(
        self,
        order: str,
        *,
        equals: Mapping[str, object] | None = None,
        limit: int = 20,
        cursor: str | None = None,
        where: Sequence[Condition] = (),
    ) -> tuple[tuple[T, ...], str | None]:
        await yield_control()
        self._kind.check_where(where)
        wanted = self._kind.order(order, equals or {})
        found = all_hold(self._matching(equals or {}), where)
        return self._keys.page(self.name, wanted, found, limit=limit, cursor=cursor)

    async def each(self, **equals: object) -> AsyncIterator[T]:
        await yield_control()
        if equals:
            self._kind.check_equals(equals)
        for entity in self._matching(equals):
            yield entity

    async def texts(self, path: str) -> AsyncIterator[str]:
        await yield_control()
        values = _values((path,))
        for entity in self.table.all():
            yield str(values(entity)[0])

    def _matching(self, equals: Mapping[str, object]) -> Iterator[T]:
        """Those with these values, at the moment of the call."""
        if not equals:
            return iter(self.table.all())
        wanted = tuple(equals.values())
        values = _values(tuple(equals))
        return (entity for entity in self.table.all() if values(entity) == wanted)

    def _store(self, entity: T, *, stored: T | None) -> None:
        for rule, unique in self._rules:
            unique.check(entity.id, [_key(rule, entity)])
        for rule, unique in self._rules:
            before = [_key(rule, stored)] if stored is not None else []
            unique.move(entity.id, before, [_key(rule, entity)])
        self.table.put(entity.id, entity)


def _key(rule: Rule, entity: Entity) -> tuple[object, ...]:
    return tuple(value_of(entity, path) for path in rule.fields)


def _values(paths: tuple[str, ...]) -> Callable[[Entity], tuple[object, ...]]:
    """The values at these paths; without dots in the quickest way, since whole tables are read."""
    if not any("." in path for path in paths):
        getter = attrgetter(*paths)
        return getter if len(paths) > 1 else lambda entity: (getter(entity),)
    return lambda entity: tuple(value_of(entity, path) for path in paths)
