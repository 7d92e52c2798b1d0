"""Rows in memory, and transactions over them: snapshots, of which the first to commit wins.

Entities are frozen, so a snapshot is a copy of the dictionaries and not of what they hold.
As in MongoDB, only writes collide: two steps that read the same row and write different ones
both commit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

from core.errors import Conflict
from core.outbox import OutboxMessage
from ports.clock import Clock

Row = TypeVar("Row")
OnAdded = Callable[[Sequence[OutboxMessage]], Awaitable[None]]
"""Called with what was added: at once outside a transaction, else before the commit."""


class WriteConflict(Exception):
    """Another step has committed a row that this draft has written, too. The store handles it."""


class TableAccess(Protocol):
    """What a repository reads and writes: the tables themselves, or one step's draft."""

    @property
    def clock(self) -> Clock: ...
    @property
    def on_added(self) -> OnAdded: ...
    def table(self, name: str) -> Mapping[Hashable, Any]: ...
    def put(self, name: str, key: Hashable, row: object) -> None: ...
    def delete(self, name: str, key: Hashable) -> None: ...
    def abort(self, error: Conflict) -> Conflict:
        """A unique rule is broken, so the step cannot continue. Returns the error."""
        ...


class Tables:
    """What is committed. Writing here takes effect at once; `stamps` say when a row changed."""

    def __init__(self, clock: Clock, on_added: OnAdded) -> None:
        self.clock = clock
        self.on_added = on_added
        self.rows: defaultdict[str, dict[Hashable, Any]] = defaultdict(dict)
        self.changed_at: dict[tuple[str, Hashable], int] = {}
        self.changes = 0

    def table(self, name: str) -> Mapping[Hashable, Any]:
        return self.rows[name]

    def put(self, name: str, key: Hashable, row: object) -> None:
        self.rows[name][key] = row
        self._changed(name, key)

    def delete(self, name: str, key: Hashable) -> None:
        self.rows[name].pop(key, None)
        self._changed(name, key)

    def abort(self, error: Conflict) -> Conflict:
        return error

    def _changed(self, name: str, key: Hashable) -> None:
        self.changes += 1
        self.changed_at[name, key] = self.changes


class TransactionTables:
    """The tables as they were when a step began, with the step's own writes on top."""

    def __init__(self, tables: Tables, on_added: OnAdded) -> None:
        self.clock = tables.clock
        self.on_added = on_added
        self._tables = tables
        self._began = tables.changes
        self._rows = defaultdict(dict, {name: dict(rows) for name, rows in tables.rows.items()})
        self._written: dict[tuple[str, Hashable], None] = {}
        self._broken: Conflict | None = None

    def table(self, name: str) -> Mapping[Hashable, Any]:
        self._check()
        return self._rows[name]

    def put(self, name: str, key: Hashable, row: object) -> None:
        self._check()
        self._rows[name][key] = row
        self._written[name, key] = None

    def delete(self, name: str, key: Hashable) -> None:
        self._check()
        self._rows[name].pop(key, None)
        self._written[name, key] = None

    def abort(self, error: Conflict) -> Conflict:
        self._broken = error
        return error

    def commit(self) -> None:
        """Everything at once, or `WriteConflict` and nothing."""
        self._check()
        if any(self._tables.changed_at.get(place, 0) > self._began for place in self._written):
            raise WriteConflict
        for name, key in self._written:
            if key in self._rows[name]:
                self._tables.put(name, key, self._rows[name][key])
            else:
                self._tables.delete(name, key)

    def _check(self) -> None:
        """A database ends a transaction at a duplicate key; so does this one."""
        if self._broken is not None:
            raise self._broken


class Table(Generic[Row]):
    """One table of a view, with the type of its rows."""

    def __init__(self, tables: TableAccess, name: str) -> None:
        self.tables = tables
        self._name = name

    def find(self, key: Hashable) -> Row | None:
        row: Row | None = self.tables.table(self._name).get(key)
        return row

    def all(self) -> list[Row]:
        return list(self.tables.table(self._name).values())

    def put(self, key: Hashable, row: Row) -> None:
        self.tables.put(self._name, key, row)

    def delete(self, key: Hashable) -> None:
        self.tables.delete(self._name, key)
