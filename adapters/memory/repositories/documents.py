"""Declared documents in memory (ports/documents.py)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import TypeVar

from adapters.memory.repositories.repository import UniqueIndex, VersionedRepository, yield_control
from adapters.memory.tables import TableAccess
from ports.documents import Documents, DocumentType, Entity, value_of
from ports.documents import Unique as Rule
from ports.store import Duplicate

T = TypeVar("T", bound=Entity)


class MemoryDocuments(VersionedRepository[T], Documents[T]):
    """Documents do not expire, which the contract allows."""

    def __init__(self, tables: TableAccess, kind: DocumentType[T]) -> None:
        self.name = f"documents:{kind.collection}"
        super().__init__(tables)
        self._kind = kind
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
        return next((entity for entity in self.table.all() if _matches(entity, equals)), None)

    async def count(self, *, limit: int, **equals: object) -> int:
        await yield_control()
        self._kind.check_equals(equals)
        return min(limit, sum(_matches(entity, equals) for entity in self.table.all()))

    async def page(
        self,
        order: str,
        *,
        equals: Mapping[str, object] | None = None,
        limit: int = 20,
        cursor: str | None = None,
    ) -> tuple[tuple[T, ...], str | None]:
        await yield_control()
        wanted = self._kind.order(order, equals or {})
        keyed = {wanted.key(one): one for one in self.table.all() if _matches(one, equals or {})}
        keys = sorted(keyed, reverse=wanted.descending)
        if cursor is not None:
            keys = [key for key in keys if (key < cursor if wanted.descending else key > cursor)]
        more = keys[limit - 1] if len(keys) > limit else None
        return tuple(keyed[key] for key in keys[:limit]), more

    async def each(self, **equals: object) -> AsyncIterator[T]:
        await yield_control()
        if equals:
            self._kind.check_equals(equals)
        for entity in self.table.all():
            if _matches(entity, equals):
                yield entity

    def _store(self, entity: T, *, stored: T | None) -> None:
        for rule, unique in self._rules:
            unique.check(entity.id, [_key(rule, entity)])
        for rule, unique in self._rules:
            before = [_key(rule, stored)] if stored is not None else []
            unique.move(entity.id, before, [_key(rule, entity)])
        self.table.put(entity.id, entity)


def _key(rule: Rule, entity: Entity) -> tuple[object, ...]:
    return tuple(value_of(entity, path) for path in rule.fields)


def _matches(entity: Entity, equals: Mapping[str, object]) -> bool:
    return all(value_of(entity, path) == value for path, value in equals.items())
