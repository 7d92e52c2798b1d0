"""The writes of a transaction, sent in as few messages as possible.

Most steps write to several collections and read nothing of it again. Their writes wait and go in
one `bulkWrite` command (MongoDB 8.0): a booking with its payment, timeline entry and outbox
messages is one round trip instead of four. A read of a collection with waiting writes sends them
first, so a step sees what it has written. Servers without the command get one command per write.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClientSession, AsyncIOMotorDatabase
from pymongo.errors import DuplicateKeyError, OperationFailure

from core.errors import Conflict
from ports.store import Duplicate

Document = dict[str, Any]
Unique = Mapping[str, type[Conflict]]
DUPLICATE_KEY = 11000
NO_SUCH_COMMAND = frozenset({59, 115, 303})
"""CommandNotFound, CommandNotSupported, and "Feature not supported" of DocumentDB."""
UNKNOWN_FIELD = 40415
INDEX = re.compile(r"\bindex: (\S+)")
WAITING_MAXIMUM = 100
"""Writes in one message. The largest documents have a few hundred kilobytes, a message 48 MB."""


class WrittenBefore(Exception):
    """A step inserted a document that exists: run it again with `check_existing`."""


class NotSupported(Exception):
    """The server cannot run this `bulkWrite`: run the step again, in another way."""


@dataclass(slots=True)
class ServerSupport:
    """What the server was found to support. Shared by all transactions of a store.

    `bulk_write`: the command. `begins_with_it`: as the first command of a transaction, which has
    the read concern. The embedded engine refuses that field.
    """

    bulk_write: bool = True
    begins_with_it: bool = True

    def note(self, error: OperationFailure, *, first: bool) -> bool:
        """Whether the error of the command says that something is not supported. It is not tried
        again. `first`: it was the first command of its transaction."""
        if error.code in NO_SUCH_COMMAND:
            self.bulk_write = False
            return True
        if first and error.code == UNKNOWN_FIELD:
            self.begins_with_it = False
            return True
        return False


@dataclass(frozen=True, slots=True)
class Write:
    """One write. `operation` is that of `bulkWrite`, without the number of its collection.

    `unique` has the errors of the unique indexes by name. With `only_new`, the document is written
    unless it exists. `missed` makes the error of an update that found no document; without it, the
    write may find none.
    """

    collection: str
    operation: Document
    unique: Unique = field(default_factory=dict)
    only_new: bool = False
    missed: Callable[[], Awaitable[Exception]] | None = None


def inserted(document: Document) -> Document:
    return {"insert": 0, "document": document}


def updated(filter_: Mapping[str, Any], change: Mapping[str, Any], *, many: bool) -> Document:
    """`change` has operators, or is the new document."""
    return {"update": 0, "filter": filter_, "updateMods": change, "multi": many}


def removed(filter_: Mapping[str, Any], *, many: bool) -> Document:
    return {"delete": 0, "filter": filter_, "multi": many}


class PendingWrites:
    """The waiting writes of one run of a transaction."""

    def __init__(
        self,
        session: AsyncIOMotorClientSession,
        database: AsyncIOMotorDatabase[Document],
        server: ServerSupport,
    ) -> None:
        self._session = session
        self._database = database
        self._server = server
        self._waiting: list[Write] = []
        self._begun = False
        self.violation: Conflict | None = None
        """The violated unique rule because of which the server aborted the transaction."""

    async def add(self, write: Write) -> None:
        """Let it wait."""
        self._waiting.append(write)
        if len(self._waiting) >= WAITING_MAXIMUM:
            await self.send()

    async def send_with(self, write: Write) -> int:
        """Send it now, after those that wait. Returns how many documents it changed."""
        self._waiting.append(write)
        return await self.send()

    async def send_before_reading(self, collection: str | None = None) -> None:
        """Send what waits, if it is for this collection; None for any."""
        if any(collection in (None, write.collection) for write in self._waiting):
            await self.send()
        self._begun = True

    async def send(self) -> int:
        """Send what waits. Returns how many documents the last write changed.

        Raises the error of a violated unique rule or of an update that found no document,
        `WrittenBefore` and `NotSupported`.
        """
        writes, self._waiting = self._waiting, []
        if not writes:
            return 0
        results = await self._send(writes)
        for write, changed in zip(writes, results, strict=False):
            if not changed and write.missed:
                raise await write.missed()
        return results[-1]

    async def _send(self, writes: Sequence[Write]) -> list[int]:
        """How many documents each write changed."""
        first, self._begun = not self._begun, True
        alone = 1 if first and not self._server.begins_with_it else 0
        if not self._server.bulk_write or len(writes) - alone < 2:
            return await self._one_by_one(writes)
        changed = await self._one_by_one(writes[:alone])
        changed += await self._in_one_message(writes[alone:], first=first and not alone)
        return changed

    async def _in_one_message(self, writes: Sequence[Write], *, first: bool) -> list[int]:
        names = list(dict.fromkeys(write.collection for write in writes))
        command = {
            "bulkWrite": 1,
            "ops": [_numbered(write, names.index(write.collection)) for write in writes],
            "nsInfo": [{"ns": f"{self._database.name}.{name}"} for name in names],
            "ordered": True,
        }
        try:
            reply = await self._database.client.admin.command(command, session=self._session)
        except OperationFailure as error:
            if self._server.note(error, first=first):
                raise NotSupported from error
            raise
        results = list[int]()
        for write, result in zip(writes, reply["cursor"]["firstBatch"], strict=True):
            if not result["ok"]:
                self._raise_error(write, result["code"], result["errmsg"], result)
            results.append(int(result["n"]))
        return results

    async def _one_by_one(self, writes: Sequence[Write]) -> list[int]:
        results = list[int]()
        for write in writes:
            try:
                results.append(await self._run(write))
            except DuplicateKeyError as error:
                self._raise_error(write, DUPLICATE_KEY, str(error), error.details)
        return results

    async def _run(self, write: Write) -> int:
        collection, session = self._database[write.collection], self._session
        operation = write.operation
        if "insert" in operation:
            await collection.insert_one(operation["document"], session=session)
            return 1
        wanted, many = operation["filter"], operation["multi"]
        if "delete" in operation:
            remove = collection.delete_many if many else collection.delete_one
            return int((await remove(wanted, session=session)).deleted_count)
        change = operation["updateMods"]
        if not any(key.startswith("$") for key in change):
            done = await collection.replace_one(wanted, change, session=session)
        elif many:
            done = await collection.update_many(wanted, change, session=session)
        else:
            done = await collection.update_one(wanted, change, session=session)
        return int(done.matched_count)

    def _raise_error(
        self, write: Write, code: int, text: str, details: Mapping[str, Any] | None
    ) -> None:
        if code != DUPLICATE_KEY:
            raise OperationFailure(text, code, details)
        if write.only_new:
            raise WrittenBefore
        self.violation = write.unique.get(index_of(text), Duplicate)()
        raise self.violation


def index_of(message: str) -> str:
    """The name of the violated index, which only the message has on every engine. The first match
    is used, because user input comes later in the message."""
    found = INDEX.search(message)
    return found[1] if found else ""


def _numbered(write: Write, number: int) -> Document:
    """The operation with the number of its collection in the command."""
    (kind, _), *others = write.operation.items()
    return {kind: number, **dict(others)}
