"""Entities of the server in one SQLite file, which several processes can use."""

from __future__ import annotations

import json
import secrets
import sqlite3
import string
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

Entity = dict[str, Any]

LETTERS = string.ascii_letters + string.digits
BUSY_SECONDS = 10
SCHEMA = """
CREATE TABLE IF NOT EXISTS entities (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    parent TEXT NOT NULL,
    due REAL,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS of_parent ON entities (kind, parent);
CREATE INDEX IF NOT EXISTS by_due ON entities (kind, due) WHERE due IS NOT NULL;
"""


class Transaction:
    """Reads and writes of one step. `kind` is what Razorpay calls the entity, `parent` the id by
    which it is looked up, `due` the time (Unix seconds) at which something happens to it. No
    webhook is sent about a step that is `quiet`."""

    def __init__(self, sql: sqlite3.Connection) -> None:
        self.quiet = False
        self._sql = sql

    def add(self, kind: str, entity: Entity, *, parent: str = "", due: float | None = None) -> None:
        """Raises `sqlite3.IntegrityError` for an id that exists."""
        self._sql.execute(
            "INSERT INTO entities (id, kind, parent, due, body) VALUES (?, ?, ?, ?, ?)",
            (entity["id"], kind, parent, due, json.dumps(entity)),
        )

    def save(self, entity: Entity, *, due: float | None = None) -> None:
        self._sql.execute(
            "UPDATE entities SET body = ?, due = ? WHERE id = ?",
            (json.dumps(entity), due, entity["id"]),
        )

    def find(self, kind: str, entity_id: str) -> Entity | None:
        return next(iter(self._read("kind = ? AND id = ?", kind, entity_id)), None)

    def parent(self, entity_id: str) -> str:
        query = "SELECT parent FROM entities WHERE id = ?"
        return str(self._sql.execute(query, (entity_id,)).fetchone()[0])

    def all(self, kind: str, parent: str | None = None) -> list[Entity]:
        """In the order in which they were added."""
        if parent is None:
            return self._read("kind = ?", kind)
        return self._read("kind = ? AND parent = ?", kind, parent)

    def due(self, kind: str, now: float) -> list[Entity]:
        return self._read("kind = ? AND due <= ?", kind, now)

    def _read(self, condition: str, *values: object) -> list[Entity]:
        query = f"SELECT body FROM entities WHERE {condition} ORDER BY number"  # noqa: S608 - constants
        return [json.loads(row[0]) for row in self._sql.execute(query, values)]


class Database:
    """`path` is made at the first use."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Everything within is stored together, or nothing after an exception."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with closing(
            sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)
        ) as sql:
            sql.execute("PRAGMA synchronous = OFF")  # it is no real money
            sql.executescript(SCHEMA)
            sql.execute("BEGIN IMMEDIATE")
            try:
                yield Transaction(sql)
            except BaseException:
                sql.execute("ROLLBACK")
                raise
            sql.execute("COMMIT")


def new_id(prefix: str) -> str:
    """Such as `pay_Fo49sHbQ78PCMI`."""
    return f"{prefix}_{''.join(secrets.choice(LETTERS) for _ in range(14))}"
