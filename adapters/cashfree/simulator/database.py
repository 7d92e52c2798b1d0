"""The simulator's database: one SQLite file, shared by several processes, safe after kill -9."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from adapters.cashfree.simulator.schema import ADDED, RENAMED, SCHEMA
from adapters.cashfree.simulator.settings import SimulatorSettings

T = TypeVar("T")
BUSY_SECONDS = 10.0
SETUP_ATTEMPTS = 50


def real_now() -> int:
    """The real time in milliseconds since 1970, for leases between processes."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Transaction:
    """One open transaction. `now` is the simulated time in milliseconds since 1970."""

    sql: sqlite3.Connection
    now: int
    settings: SimulatorSettings

    def one(self, query: str, *values: object) -> sqlite3.Row | None:
        """The first row, if there is one."""
        row: sqlite3.Row | None = self.sql.execute(query, values).fetchone()
        return row

    def all(self, query: str, *values: object) -> list[sqlite3.Row]:
        return self.sql.execute(query, values).fetchall()

    def run(self, query: str, *values: object) -> int:
        """Execute a statement; returns the id of an inserted row."""
        return self.sql.execute(query, values).lastrowid or 0

    def after(self, seconds: float) -> int:
        """The time in `seconds` from now, shortened by `time_scale`."""
        return self.now + round(seconds * self.settings.time_scale * 1000)


class Database:
    """Runs steps in transactions, each in a thread, with pooled connections."""

    def __init__(self, settings: SimulatorSettings) -> None:
        self._settings = settings
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._ready = False

    async def write(self, step: Callable[[Transaction], T]) -> T:
        """Run `step` in an exclusive, durable write transaction."""
        return await asyncio.to_thread(self._run, "BEGIN IMMEDIATE", step)

    async def read(self, step: Callable[[Transaction], T]) -> T:
        """Run `step` in a read transaction, which does not wait for writers."""
        return await asyncio.to_thread(self._run, "BEGIN", step)

    def close(self) -> None:
        """Close the idle connections."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _run(self, begin: str, step: Callable[[Transaction], T]) -> T:
        with self._connection() as sql:
            sql.execute(begin)
            try:
                result = step(Transaction(sql, real_now() + _advance(sql), self._settings))
                sql.execute("COMMIT")
            except BaseException:
                sql.execute("ROLLBACK")
                raise
            return result

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        connection = connection or self._connect()
        broken = False
        try:
            yield connection
        except sqlite3.Error:
            broken = True
            raise
        finally:
            if broken:
                connection.close()
            else:
                with self._lock:
                    self._idle.append(connection)

    def _connect(self) -> sqlite3.Connection:
        self._settings.database.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            self._settings.database,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA synchronous = FULL")
        if not self._ready:
            _set_up(connection)
            self._ready = True
        return connection


def _set_up(connection: sqlite3.Connection) -> None:
    for attempts_left in reversed(range(SETUP_ATTEMPTS)):
        try:
            # Unlike other statements, this one does not wait for other processes.
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError:
            if not attempts_left:
                raise
            time.sleep(0.05)
    connection.execute("BEGIN IMMEDIATE")
    for statement in SCHEMA.split(";"):
        connection.execute(statement)
    for table, column, add_it in ADDED:
        query = "SELECT 1 FROM pragma_table_info(?) WHERE name = ?"
        if connection.execute(query, (table, column)).fetchone() is None:
            connection.execute(add_it)
    connection.execute(RENAMED)
    connection.execute("COMMIT")


def _advance(sql: sqlite3.Connection) -> int:
    return int(sql.execute("SELECT advance FROM clock").fetchone()["advance"])
