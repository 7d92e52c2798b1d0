"""Transactions: a step is run again until it is committed.

`with_transaction` of the driver relies on error labels, and some engines send a write conflict
without one. So this module has its own loop, with its own limit. A commit has three outcomes:

- it is acknowledged: done;
- it is refused (conflict): nothing was written, the step runs again with current data;
- it is unknown (the connection was lost): the commit is repeated, which is idempotent. If the
  server has discarded the transaction by then, it may have committed it before. The ids of a
  step are fixed before it runs, so the first inserted document is looked up: if it exists, the
  commit was successful; if not, the step runs again.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorClientSession
from pymongo import WriteConcern
from pymongo.errors import (
    BulkWriteError,
    PyMongoError,
    ServerSelectionTimeoutError,
)
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference

from adapters.mongo.connection import start_session, start_transaction
from adapters.mongo.outages import error_codes, is_outage, time_limit
from adapters.mongo.pending_writes import (
    NotSupported,
    PendingWrites,
    ServerSupport,
    WrittenBefore,
)
from ports.store import DatabaseUnavailable

T = TypeVar("T")

DURABLE = WriteConcern("majority", j=True, wtimeout=10_000)
"""Acknowledged writes survive the loss of a server and a power failure."""
LOCK_TIMEOUT = 24
TIME_LIMIT = 50
WRITE_CONFLICT = 112
NO_SUCH_TRANSACTION = 251
TIME_LIMIT_WAITING = 262
DOCUMENTDB_WRITE_CONFLICT = 16777220
"""DocumentDB on PostgreSQL passes the internal code of a conflict on, without a label."""
CONFLICT_CODES = frozenset({WRITE_CONFLICT, DOCUMENTDB_WRITE_CONFLICT})
"""Nothing was written: another transaction has the document."""
TRANSIENT_CODES = CONFLICT_CODES | {
    LOCK_TIMEOUT,
    TIME_LIMIT,
    NO_SUCH_TRANSACTION,
    TIME_LIMIT_WAITING,
}
WRITTEN = ("nInserted", "nUpserted", "nMatched", "nRemoved")
"""The counters in the error of a bulk write."""
ENDING: set[asyncio.Task[None]] = set()
"""Keeps a reference to the tasks that end sessions."""
RUNS_AT_MOST = 60
TIMEOUT_S = 10.0


class UnconfirmedViolation(Exception):
    """A step violated a unique rule for the first time: run it again before raising the error.

    Some engines report a duplicate key where the step read an old snapshot, and another
    transaction has written the same document since. The next run sees that document.
    """


@dataclass(slots=True)
class TransactionRun:
    """One run of a step. `check_existing`: look for existing documents before inserting.
    `confirm_violation`: whether a violated unique rule is an error, or a reason to run again.
    `first_insert`: collection and id of the first inserted document. `pending`: its writes."""

    session: AsyncIOMotorClientSession
    pending: PendingWrites
    check_existing: bool = False
    confirm_violation: bool = True
    first_insert: tuple[str, Any] | None = None

    def check(self) -> None:
        """Raises the violation again: the step cannot continue after it."""
        if self.pending.violation is not None:
            raise self.pending.violation

    async def send(self) -> None:
        """Send the writes that wait."""
        self.check()
        async with time_limit():
            await self.pending.send()


@dataclass(frozen=True, slots=True)
class TransactionRunner:
    """Runs steps in transactions of one database."""

    client: AsyncIOMotorClient[dict[str, Any]]
    database: str
    server: ServerSupport = field(default_factory=ServerSupport)

    async def run(self, body: Callable[[TransactionRun], Awaitable[T]]) -> T:
        """Run `body` in a transaction until it is committed; returns its result.

        Raises what `body` raises; `DatabaseUnavailable` if conflicts do not end within the limit,
        or if the database does not respond or cannot write.
        """
        deadline = time.monotonic() + TIMEOUT_S
        check_existing, confirm_violation = False, False
        for number in range(RUNS_AT_MOST):
            try:
                return await self._run_once(body, deadline, check_existing, confirm_violation)
            except WrittenBefore:
                check_existing = True
            except UnconfirmedViolation:
                confirm_violation = True
                continue
            except NotSupported:
                continue
            except PyMongoError as error:
                _raise_if_final(error)
            if time.monotonic() > deadline:
                break
            await back_off(number)
        raise DatabaseUnavailable

    async def _run_once(
        self,
        body: Callable[[TransactionRun], Awaitable[T]],
        deadline: float,
        check_existing: bool,
        confirm_violation: bool,
    ) -> T:
        async with self._session() as session:
            await start_transaction(
                session,
                read_concern=ReadConcern("snapshot"),
                write_concern=DURABLE,
                read_preference=ReadPreference.PRIMARY,
            )
            pending = PendingWrites(session, self.client[self.database], self.server)
            run = TransactionRun(session, pending, check_existing, confirm_violation)
            try:
                result = await body(run)
                await run.send()
            except DatabaseUnavailable:
                raise  # an abort would not be answered either
            except BaseException as error:
                # Some engines keep a failed transaction open, with its locks.
                async with time_limit():
                    await session.abort_transaction()
                if pending.violation is not None and not confirm_violation:
                    raise UnconfirmedViolation from error
                raise
            await self._commit(run, deadline)
            return result

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[AsyncIOMotorClientSession]:
        """A session. Its end aborts what is not committed; a server that hangs would not answer,
        so the session is then ended in the background."""
        async with AsyncExitStack() as stack:
            session = await stack.enter_async_context(await start_session(self.client))
            try:
                yield session
            except DatabaseUnavailable:
                ending = asyncio.create_task(_end(stack.pop_all()))
                ENDING.add(ending)
                ending.add_done_callback(ENDING.discard)
                raise

    async def _commit(self, run: TransactionRun, deadline: float) -> None:
        for number in range(RUNS_AT_MOST):
            try:
                async with time_limit():
                    await run.session.commit_transaction()
            except PyMongoError as error:
                if error.has_error_label("UnknownTransactionCommitResult"):
                    if time.monotonic() > deadline:
                        raise DatabaseUnavailable from error
                    await back_off(number)
                    continue
                if number and await self._was_committed(run):
                    return
                raise
            else:
                return
        raise DatabaseUnavailable

    async def _was_committed(self, run: TransactionRun) -> bool:
        """Whether a commit of unknown outcome was successful, by the first inserted document."""
        if run.first_insert is None:
            return False
        name, key = run.first_insert
        collection = self.client[self.database].get_collection(
            name, read_concern=ReadConcern("majority"), read_preference=ReadPreference.PRIMARY
        )
        async with time_limit():
            return await collection.find_one({"_id": key}, {"_id": 1}) is not None


async def _end(stack: AsyncExitStack) -> None:
    with suppress(PyMongoError):
        await stack.aclose()


def _raise_if_final(error: PyMongoError) -> None:
    """Returns if the step should run again."""
    if isinstance(error, ServerSelectionTimeoutError):
        raise DatabaseUnavailable from error
    if is_transient(error) or error.has_error_label("TransientTransactionError"):
        return
    if is_outage(error):
        raise DatabaseUnavailable from error
    raise error


def is_transient(error: PyMongoError) -> bool:
    """Whether it is a conflict or a lock time-out, after which a retry can succeed."""
    return not TRANSIENT_CODES.isdisjoint(error_codes(error))


def is_conflict(error: PyMongoError) -> bool:
    """Whether another transaction had the document, and nothing was written."""
    if isinstance(error, BulkWriteError) and any(error.details.get(key) for key in WRITTEN):
        return False
    codes = error_codes(error)
    return bool(codes) and codes <= CONFLICT_CODES


async def back_off(number: int) -> None:
    """Wait a random time, up to a maximum that doubles after each failure (at most 0.25 s)."""
    longest = min(0.002 * 2**number, 0.25)
    await asyncio.sleep(random.uniform(0, longest))  # noqa: S311 - nothing secret
