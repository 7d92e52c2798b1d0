"""Base classes of the repositories: versions, unique rules and pages."""

from __future__ import annotations

import types
from collections.abc import Generator, Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Generic, TypeVar

from adapters.memory.tables import Table, TableAccess
from core.errors import Conflict
from ports.conditions import Condition
from ports.documents import Entity
from ports.store import Duplicate, Missing, Stale

E = TypeVar("E", bound=Entity)
Item = TypeVar("Item")


@types.coroutine
def yield_control() -> Generator[None, None, None]:
    """Let other tasks run, as waiting for a database does. Between two calls no other task runs.

    As `asyncio.sleep(0)`, without its two coroutines: this is what repositories in memory do most.
    """
    yield


def all_hold(entities: Iterable[Item], where: Sequence[Condition]) -> Iterator[Item]:
    """Those of which all conditions hold."""
    return (each for each in entities if all(condition.holds(each) for condition in where))


def newest_first(
    keyed: Iterable[tuple[str, Item]], *, limit: int, cursor: str | None
) -> tuple[tuple[Item, ...], str | None]:
    """One page by descending key, and the cursor of the next."""
    rest = sorted((k for k in keyed if cursor is None or k[0] < cursor), key=_key, reverse=True)
    page = rest[:limit]
    return tuple(item for _, item in page), page[-1][0] if len(rest) > limit else None


def oldest_first(
    keyed: Iterable[tuple[str, Item]], *, limit: int, cursor: str | None
) -> tuple[tuple[Item, ...], str | None]:
    """One page by ascending key, and the cursor of the next."""
    rest = sorted((k for k in keyed if cursor is None or k[0] > cursor), key=_key)
    page = rest[:limit]
    return tuple(item for _, item in page), page[-1][0] if len(rest) > limit else None


def _key(keyed: tuple[str, object]) -> str:
    return keyed[0]


class UniqueIndex:
    """A unique rule. Its keys are rows of a table, so two steps that add one key conflict."""

    def __init__(self, tables: TableAccess, name: str, error: type[Conflict] = Duplicate) -> None:
        self._owners: Table[str] = Table(tables, f"{name}:unique")
        self._error = error

    def owners(self) -> Iterable[tuple[Any, str]]:
        """Each key with its owner."""
        return self._owners.items()

    def check(self, owner: str, keys: Sequence[Hashable]) -> None:
        """Raises the error of the rule if another owner has one of the keys."""
        if any(self._owners.find(key) not in (None, owner) for key in keys):
            raise self._owners.tables.abort(self._error())

    def move(self, owner: str, before: Sequence[Hashable], after: Sequence[Hashable]) -> None:
        """Remove the keys that are only in `before`, add those in `after`."""
        for key in set(before) - set(after):
            self._owners.delete(key)
        for key in after:
            if self._owners.find(key) is None:
                self._owners.put(key, owner)


class VersionedRepository(Generic[E]):
    """Versioned entities. A subclass defines the unique keys of an entity."""

    name: str
    duplicate_error: type[Conflict] = Duplicate

    def __init__(self, tables: TableAccess) -> None:
        self.table: Table[E] = Table(tables, self.name)
        self._unique = UniqueIndex(tables, self.name, self.duplicate_error)

    def unique_keys(self, entity: E) -> Sequence[Hashable]:
        return ()

    async def get(self, entity_id: str) -> E:
        found = await self.find(entity_id)
        if found is None:
            raise Missing
        return found

    async def find(self, entity_id: str) -> E | None:
        await yield_control()
        return self.table.find(entity_id)

    async def many(self, entity_ids: Sequence[str]) -> dict[str, E]:
        await yield_control()
        found = {entity_id: self.table.find(entity_id) for entity_id in entity_ids}
        return {entity_id: entity for entity_id, entity in found.items() if entity is not None}

    async def ids(self, *, after: str = "", limit: int) -> tuple[str, ...]:
        await yield_control()
        return tuple(sorted(each.id for each in self.table.all() if each.id > after)[:limit])

    async def add(self, entity: E) -> E:
        await yield_control()
        if self.table.find(entity.id) is not None:
            raise self.table.tables.abort(Duplicate())
        self._store(entity, stored=None)
        return entity

    async def save(self, entity: E) -> E:
        await yield_control()
        stored = self.table.find(entity.id)
        if stored is None:
            raise Missing
        if stored.version != entity.version:
            raise Stale
        saved = replace(entity, version=entity.version + 1)
        self._store(saved, stored=stored)
        return saved

    def _store(self, entity: E, *, stored: E | None) -> None:
        wanted, before = (
            self.unique_keys(entity),
            self.unique_keys(stored) if stored is not None else (),
        )
        self._unique.check(entity.id, wanted)
        self._unique.move(entity.id, before, wanted)
        self.table.put(entity.id, entity)


class AppendOnlyRepository(Generic[Item]):
    """Rows that are added once and never changed."""

    name: str

    def __init__(self, tables: TableAccess) -> None:
        self.table: Table[Item] = Table(tables, self.name)

    def key_of(self, item: Item) -> Hashable:
        """The unique key of a row."""
        raise NotImplementedError

    async def add(self, item: Item) -> None:
        await yield_control()
        if self.table.find(self.key_of(item)) is not None:
            raise self.table.tables.abort(Duplicate())
        self.table.put(self.key_of(item), item)
