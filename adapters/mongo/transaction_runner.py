"""Transactions: one run of a step, and running it again until it is committed.

The driver's own `with_transaction` trusts error labels alone, and some engines send a write
conflict without one; so the loop is ours, with its own limit. Three outcomes of a commit:

- it is acknowledged: done;
- it is refused (conflict): nothing was written, the step runs again on fresh data;
- nobody knows (the connection broke): the commit itself is repeated, which is harmless. If the
  server then has forgotten the transaction, it may have committed before it forgot. A step's
  ids are fixed before it runs, so a row it inserted is its witness: there, and the commit had
  happened; not there, and the step runs again.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorClientSession
from pymongo import WriteConcern
from pymongo.errors import (
    ConnectionFailure,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference

from core.errors import Conflict, Unavailable

T = TypeVar("T")

DURABLE = WriteConcern("majority", j=True, wtimeout=10_000)
"""What is acknowledged survives the loss of a server, and of its power."""
LOCK_TIMEOUT, TIME_LIMIT, WRITE_CONFLICT, NO_SUCH_TRANSACTION, TIME_LIMIT_WAITING = (
    24,
    50,
    112,
    251,
    262,
)
TRANSIENT_CODES = {
    LOCK_TIMEOUT,
    TIME_LIMIT,
    WRITE_CONFLICT,
    NO_SUCH_TRANSACTION,
    TIME_LIMIT_WAITING,
}
RUNS_AT_MOST = 60
TIMEOUT_S = 10.0


class DuplicateInTransaction(Exception):
    """A step added an effect that exists: run again, looking before adding."""


@dataclass(slots=True)
class TransactionRun:
    """One run of a step. `careful`: look for what exists before adding; `witness`: a row this
    run has inserted; `broken`: the unique rule that made the server give the transaction up."""

    session: AsyncIOMotorClientSession
    check_existing: bool = False
    first_insert: tuple[str, Any] | None = None
    violation: Conflict | None = None

    def check(self) -> None:
        """Raises the broken rule again: a step that met one may not go on."""
        if self.violation is not None:
            raise self.violation


@dataclass(frozen=True, slots=True)
class TransactionRunner:
    """Runs steps in transactions of one database."""

    client: AsyncIOMotorClient[dict[str, Any]]
    database: str

    async def run(self, body: Callable[[TransactionRun], Awaitable[T]]) -> T:
        """Raises what `body` raises; `Unavailable` when there is no end of conflicts, or when
        the database does not answer."""
        deadline = time.monotonic() + TIMEOUT_S
        check_existing = False
        for number in range(RUNS_AT_MOST):
            try:
                return await self._run_once(body, check_existing, deadline)
            except DuplicateInTransaction:
                check_existing = True
            except PyMongoError as error:
                _raise_if_final(error)
            if time.monotonic() > deadline:
                break
            await _pause(number)
        raise Unavailable

    async def _run_once(
        self, body: Callable[[TransactionRun], Awaitable[T]], check_existing: bool, deadline: float
    ) -> T:
        async with await self.client.start_session() as session:
            session.start_transaction(
                read_concern=ReadConcern("snapshot"),
                write_concern=DURABLE,
                read_preference=ReadPreference.PRIMARY,
            )
            run = TransactionRun(session, check_existing)
            try:
                result = await body(run)
                run.check()
            except BaseException:
                # Not left to the engine: some keep a failed transaction open, with its locks.
                await session.abort_transaction()
                raise
            await self._commit(run, deadline)
            return result

    async def _commit(self, run: TransactionRun, deadline: float) -> None:
        for number in range(RUNS_AT_MOST):
            try:
                await run.session.commit_transaction()
            except PyMongoError as error:
                if error.has_error_label("UnknownTransactionCommitResult"):
                    if time.monotonic() > deadline:
                        raise Unavailable from error
                    await _pause(number)
                    continue
                if number and await self._was_committed(run):
                    return
                raise
            else:
                return
        raise Unavailable

    async def _was_committed(self, run: TransactionRun) -> bool:
        """Whether a commit of unknown outcome was one: asks for the run's witness."""
        if run.first_insert is None:
            return False
        name, key = run.first_insert
        rows = self.client[self.database].get_collection(
            name, read_concern=ReadConcern("majority"), read_preference=ReadPreference.PRIMARY
        )
        return await rows.find_one({"_id": key}, {"_id": 1}) is not None


def _raise_if_final(error: PyMongoError) -> None:
    """Returns if another run may do better."""
    if isinstance(error, ServerSelectionTimeoutError):
        raise Unavailable from error
    if is_transient(error) or error.has_error_label("TransientTransactionError"):
        return
    if isinstance(error, ConnectionFailure):
        raise Unavailable from error
    raise error


def is_transient(error: PyMongoError) -> bool:
    """Conflicts and waits that ran out: another try may do better."""
    return isinstance(error, OperationFailure) and error.code in TRANSIENT_CODES


async def _pause(number: int) -> None:
    """A random while, longer after each failure, so that those who collide drift apart."""
    longest = min(0.002 * 2**number, 0.25)
    await asyncio.sleep(random.uniform(0, longest))  # noqa: S311 - nothing secret
