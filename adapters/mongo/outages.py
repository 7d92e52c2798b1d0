"""Which errors of the database are outages: not our command is wrong, the server cannot work."""

from __future__ import annotations

import asyncio
from types import TracebackType

from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WTimeoutError,
)

from ports.store import DatabaseUnavailable

ANSWER_S = 8.0
"""The longest time one command may take. A server that lives but hangs keeps its connections
open; without a limit, requests would wait for the time-out of the socket, and for a thread."""
OUTAGE_CODES = frozenset({
    1,  # InternalError: for example its disk is full
    6, 7, 89,  # HostUnreachable, HostNotFound, NetworkTimeout
    8,  # UnknownError
    13, 18,  # Unauthorized, AuthenticationFailed
    64, 79, 100,  # WriteConcernFailed, UnknownReplWriteConcern, UnsatisfiableWriteConcern
    91, 11600, 11602,  # ShutdownInProgress, InterruptedAtShutdown, InterruptedDueToReplStateChange
    133, 134,  # FailedToSatisfyReadPreference, ReadConcernMajorityNotAvailableYet
    189, 10058, 10107, 13435, 13436,  # the server is not the primary
    14031,  # OutOfDiskSpace
})  # fmt: skip
"""From MongoDB's list of error codes (src/mongo/base/error_codes.yml)."""


def is_outage(error: PyMongoError) -> bool:
    """Whether the database cannot do what it is asked to, at present."""
    if isinstance(error, ConnectionFailure | ExecutionTimeout | WTimeoutError):
        return True
    return not OUTAGE_CODES.isdisjoint(error_codes(error))


def error_codes(error: PyMongoError) -> set[int | None]:
    """The codes of an error of the server; each failed write of a bulk has one of its own."""
    if isinstance(error, BulkWriteError):
        failures = error.details.get("writeErrors", ()), error.details.get("writeConcernErrors", ())
        return {failure.get("code") for group in failures for failure in group}
    return {error.code} if isinstance(error, OperationFailure) else set()


class time_limit:
    """Raises `DatabaseUnavailable` when the commands inside take longer. A class, because each
    command needs one, and a generator as a context takes twice as long."""

    __slots__ = ("_timeout",)

    def __init__(self, seconds: float = ANSWER_S) -> None:
        self._timeout = asyncio.timeout(seconds)

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            await self._timeout.__aexit__(kind, error, traceback)
        except TimeoutError as late:
            raise DatabaseUnavailable from late
        if isinstance(error, TimeoutError):
            raise DatabaseUnavailable from error
