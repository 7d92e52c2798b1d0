"""Tables in memory, and transactions with snapshot isolation: the first to commit wins.

Entities are frozen, so a snapshot shares them; a table is copied by whoever writes to it first
after a snapshot. As in MongoDB, only writes conflict: two steps that read the same row and write
different ones both commit.
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
"""Called with the added messages: at once outside of a transaction, else before the commit."""


class WriteConflict(Exception):
    """Another step has committed a row that this transaction has written. The store retries it."""


class TableAccess(Protocol):
    """What repositories read and write: the committed tables, or those of one transaction."""

    @property
    def clock(self) -> Clock: ...
    @property
    def on_added(self) -> OnAdded: ...
    def table(self, name: str) -> Mapping[Hashable, Any]: ...
    def put(self, name: str, key: Hashable, row: object) -> None: ...
    def delete(self, name: str, key: Hashable) -> None: ...
    def abort(self, error: Conflict) -> Conflict:
        """Abort the transaction because of a violated unique rule. Returns the error."""
        ...


class Tables:
    """The committed rows. Writes take effect at once. `changed_at` has the value of `changes`, a
    counter, at the last change of each row."""

    def __init__(self, clock: Clock, on_added: OnAdded) -> None:
        self.clock = clock
        self.on_added = on_added
        self.rows: defaultdict[str, dict[Hashable, Any]] = defaultdict(dict)
        self.changed_at: dict[tuple[str, Hashable], int] = {}
        self.changes = 0
        self._snapshots = 0
        self._copied_at: dict[str, int] = {}
        """By table, how many snapshots there were when it was copied last."""

    def table(self, name: str) -> Mapping[Hashable, Any]:
        return self.rows[name]

    def put(self, name: str, key: Hashable, row: object) -> None:
        self._own(name)[key] = row
        self._changed(name, key)

    def delete(self, name: str, key: Hashable) -> None:
        self._own(name).pop(key, None)
        self._changed(name, key)

    def snapshot(self) -> dict[str, dict[Hashable, Any]]:
        """All tables as they are now; none of them is changed later."""
        self._snapshots += 1
        return dict(self.rows)

    def _own(self, name: str) -> dict[Hashable, Any]:
        """A table that no snapshot shares."""
        if self._copied_at.get(name, 0) < self._snapshots:
            self.rows[name] = dict(self.rows[name])
            self._copied_at[name] = self._snapshots
        return self.rows[name]

    def abort(self, error: Conflict) -> Conflict:
        return error

    def _changed(self, name: str, key: Hashable) -> None:
        self.changes += 1
        self.changed_at[name, key] = self.changes


class TransactionTables:
    """A snapshot of the tables, with the writes of one transaction."""

    def __init__(self, tables: Tables, on_added: OnAdded) -> None:
        self.clock = tables.clock
        self.on_added = on_added
        self._tables = tables
        self._started_at = tables.changes
        self._rows = defaultdict[str, dict[Hashable, Any]](dict, tables.snapshot())
        self._copied = set[str]()
        self._written: dict[tuple[str, Hashable], None] = {}
        self._violation: Conflict | None = None

    def table(self, name: str) -> Mapping[Hashable, Any]:
        self._check()
        return self._rows[name]

    def put(self, name: str, key: Hashable, row: object) -> None:
        self._check()
        self._own(name)[key] = row
        self._written[name, key] = None

    def delete(self, name: str, key: Hashable) -> None:
        self._check()
        self._own(name).pop(key, None)
        self._written[name, key] = None

    def abort(self, error: Conflict) -> Conflict:
        self._violation = error
        return error

    def commit(self) -> None:
        """Apply all writes. Raises `WriteConflict` without applying any."""
        self._check()
        if any(self._tables.changed_at.get(row, 0) > self._started_at for row in self._written):
            raise WriteConflict
        for name, key in self._written:
            if key in self._rows[name]:
                self._tables.put(name, key, self._rows[name][key])
            else:
                self._tables.delete(name, key)

    def _own(self, name: str) -> dict[Hashable, Any]:
        if name not in self._copied:
            self._rows[name] = dict(self._rows[name])
            self._copied.add(name)
        return self._rows[name]

    def _check(self) -> None:
        """Raises the error after `abort`, as a database does after a duplicate key."""
        if self._violation is not None:
            raise self._violation


class Table(Generic[Row]):
    """One table with typed rows."""

    def __init__(self, tables: TableAccess, name: str) -> None:
        self.tables = tables
        self._name = name

    def find(self, key: Hashable) -> Row | None:
        row: Row | None = self.tables.table(self._name).get(key)
        return row

    def all(self) -> list[Row]:
        return list(self.tables.table(self._name).values())

    def items(self) -> list[tuple[Hashable, Row]]:
        return list(self.tables.table(self._name).items())

    def put(self, key: Hashable, row: Row) -> None:
        self.tables.put(self._name, key, row)

    def delete(self, key: Hashable) -> None:
        self.tables.delete(self._name, key)
