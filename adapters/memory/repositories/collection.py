"""What the collections share: a pause for others, versions, and unique rules."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from typing import Generic, TypeVar

from adapters.memory.tables import Rows, View
from core.errors import Conflict
from ports.documents import Entity
from ports.store import Duplicate, Missing, Stale

E = TypeVar("E", bound=Entity)
Item = TypeVar("Item")


async def pause() -> None:
    """Let other tasks run, as waiting for a database would; no other task runs until the next."""
    await asyncio.sleep(0)


def newest_first(
    keyed: Iterable[tuple[str, Item]], *, limit: int, cursor: str | None
) -> tuple[tuple[Item, ...], str | None]:
    """One page by descending key, and the cursor of the next."""
    rest = sorted((k for k in keyed if cursor is None or k[0] < cursor), key=_key, reverse=True)
    page = rest[:limit]
    return tuple(item for _, item in page), page[-1][0] if len(rest) > limit else None


def _key(keyed: tuple[str, object]) -> str:
    return keyed[0]


class Unique:
    """A unique rule. Claims are rows themselves, so two steps that claim one key conflict."""

    def __init__(self, view: View, name: str, error: type[Conflict] = Duplicate) -> None:
        self._claims: Rows[str] = Rows(view, f"{name}:claims")
        self._error = error

    def check(self, owner: str, keys: Sequence[Hashable]) -> None:
        """Raises if another owner has one of the keys."""
        if any(self._claims.find(key) not in (None, owner) for key in keys):
            raise self._claims.view.spoil(self._error())

    def move(self, owner: str, before: Sequence[Hashable], after: Sequence[Hashable]) -> None:
        """Release the keys that are no longer claimed, take the new ones."""
        for key in set(before) - set(after):
            self._claims.drop(key)
        for key in after:
            if self._claims.find(key) is None:
                self._claims.put(key, owner)


class Collection(Generic[E]):
    """Versioned entities; a subclass says which keys only one of them may claim."""

    name: str
    taken: type[Conflict] = Duplicate

    def __init__(self, view: View) -> None:
        self.rows: Rows[E] = Rows(view, self.name)
        self._unique = Unique(view, self.name, self.taken)

    def claims(self, entity: E) -> Sequence[Hashable]:
        return ()

    async def get(self, entity_id: str) -> E:
        found = await self.find(entity_id)
        if found is None:
            raise Missing
        return found

    async def find(self, entity_id: str) -> E | None:
        await pause()
        return self.rows.find(entity_id)

    async def many(self, entity_ids: Sequence[str]) -> dict[str, E]:
        await pause()
        found = {entity_id: self.rows.find(entity_id) for entity_id in entity_ids}
        return {entity_id: entity for entity_id, entity in found.items() if entity is not None}

    async def add(self, entity: E) -> E:
        await pause()
        if self.rows.find(entity.id) is not None:
            raise self.rows.view.spoil(Duplicate())
        self._keep(entity, stored=None)
        return entity

    async def save(self, entity: E) -> E:
        await pause()
        stored = self.rows.find(entity.id)
        if stored is None:
            raise Missing
        if stored.version != entity.version:
            raise Stale
        saved = replace(entity, version=entity.version + 1)
        self._keep(saved, stored=stored)
        return saved

    def _keep(self, entity: E, *, stored: E | None) -> None:
        wanted, before = self.claims(entity), self.claims(stored) if stored is not None else ()
        self._unique.check(entity.id, wanted)
        self._unique.move(entity.id, before, wanted)
        self.rows.put(entity.id, entity)


class Facts(Generic[Item]):
    """Rows that are added once and never changed."""

    name: str

    def __init__(self, view: View) -> None:
        self.rows: Rows[Item] = Rows(view, self.name)

    def place(self, item: Item) -> Hashable:
        """The key under which there is one row only."""
        raise NotImplementedError

    async def add(self, item: Item) -> None:
        await pause()
        if self.rows.find(self.place(item)) is not None:
            raise self.rows.view.spoil(Duplicate())
        self.rows.put(self.place(item), item)
