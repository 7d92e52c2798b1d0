"""Access to one MongoDB collection: sessions, duplicate keys and outages.

Three rules make the queries fast and correct on every engine:
- a filter has no `$and` or `$or` at its top level, and the indexed field comes first;
- at most one field has a range, the others have equalities;
- an update has the expected state of the document in its filter (no find-and-modify, for which
  smaller engines scan the collection).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn, TypeVar

from bson.codec_options import CodecOptions
from motor.motor_asyncio import (
    AsyncIOMotorClientSession,
    AsyncIOMotorCollection,
)
from pymongo import ReplaceOne, UpdateOne, WriteConcern
from pymongo.errors import (
    BulkWriteError,
    DuplicateKeyError,
    PyMongoError,
)

from adapters.mongo.connection import all_of
from adapters.mongo.outages import is_outage, time_limit
from adapters.mongo.pending_writes import (
    DUPLICATE_KEY,
    Write,
    index_of,
    inserted,
    removed,
    updated,
)
from adapters.mongo.transaction_runner import (
    TransactionRun,
    back_off,
    is_conflict,
    is_transient,
)
from core.errors import Conflict
from ports.store import DatabaseUnavailable, Duplicate

Document = dict[str, Any]
T = TypeVar("T")
Filter = Mapping[str, Any]
Order = Sequence[tuple[str, int]]
AWARE: CodecOptions[Document] = CodecOptions(tz_aware=True, tzinfo=UTC)
CONFLICTS_AT_MOST = 20
"""How often a single write is repeated; the pauses add up to about three seconds."""
SINGLE_WRITES = 4
"""Concurrent writes outside of transactions. Motor has five threads per core."""
BATCH = 1000
"""Documents per response, so that a list takes one round trip."""
VALUES = 25
"""Values of one query for documents with one of many values. Some engines compare each document
with each value, which takes the square of their number."""
UNJOURNALED = WriteConcern(1, j=False)


@dataclass(frozen=True, slots=True)
class MongoCollection:
    """A collection in one run of a transaction, or outside of transactions if `run` is None.

    `unique` has the error of each unique index by name; for others `Duplicate` is raised.
    """

    collection: AsyncIOMotorCollection[Document]
    unique: Mapping[str, type[Conflict]]
    write_limit: asyncio.Semaphore
    run: TransactionRun | None

    async def find_one(
        self, filter_: Filter, *, order: Order | None = None, fields: Filter | None = None
    ) -> Document | None:
        async with self._calls() as session:
            return await self.collection.find_one(
                filter_, projection=fields, sort=order, session=session
            )

    async def find(
        self,
        filter_: Filter,
        *,
        order: Order | None = None,
        limit: int = 0,
        fields: Filter | None = None,
    ) -> list[Document]:
        async with self._calls() as session:
            cursor = self.collection.find(
                filter_,
                projection=fields,
                sort=order,
                limit=limit,
                batch_size=BATCH,
                session=session,
            )
            return await cursor.to_list(None)

    async def find_with(
        self,
        field: str,
        values: Sequence[object],
        *,
        where: Filter | None = None,
        fields: Filter | None = None,
    ) -> list[Document]:
        """The documents whose `field` has one of the values and that fulfil `where`, in any order:
        by queries for `VALUES` of them each, at the same time outside of transactions."""
        conditions = [{field: each, **(where or {})} for each in any_of_parts(values)]
        if len(conditions) == 1:  # nearly always, and without a task
            return await self.find(conditions[0], fields=fields)
        if self.run is None:
            parts = await asyncio.gather(*(self.find(each, fields=fields) for each in conditions))
        else:
            parts = [await self.find(each, fields=fields) for each in conditions]
        return [document for part in parts for document in part]

    async def each(
        self, filter_: Filter, *, order: Order | None = None, fields: Filter | None = None
    ) -> AsyncIterator[Document]:
        """The documents one by one, without loading all into memory."""
        session = None
        if self.run is not None:
            async with self._transaction() as run:
                await run.pending.send_before_reading(self.collection.name)
                session = run.session
        try:
            found = self.collection.find(filter_, fields, sort=order, session=session)
            async for document in found:
                yield document
        except PyMongoError as error:
            if self.run is not None:
                raise
            raise_translated(error)

    async def aggregate(
        self, stages: Sequence[Filter], *, reads_others: bool = False
    ) -> list[Document]:
        """`reads_others`: it looks up documents of other collections."""
        async with self._calls(every_collection=reads_others) as session:
            return await all_of(self.collection.aggregate(list(stages), session=session))

    async def server_time(self) -> datetime:
        """The time of the server, in whole milliseconds."""
        async with self._calls():
            hello = await self.collection.database.command("hello", codec_options=AWARE)
        now: datetime = hello["localTime"]
        return now

    async def insert(self, document: Document) -> None:
        """Raises the error of a violated unique rule."""
        if self.run is not None:
            self._note_first_insert(document)
            await self._later(inserted(document))
            return
        try:
            await self._write(lambda: self.collection.insert_one(document))
        except DuplicateKeyError as error:
            raise self._unique_error(error) from error

    async def insert_missing(self, documents: Sequence[Document]) -> set[Any]:
        """Insert the documents whose `_id` is new; returns their ids.

        A duplicate key aborts a transaction. Since duplicates are rare, a transaction inserts
        without a check at first; after a duplicate it runs again with `check_existing`.
        """
        if self.run is not None and self.run.check_existing:
            found = await self.find({"_id": {"$in": _ids(documents)}}, fields={"_id": 1})
            existing = set(_ids(found))
            documents = [document for document in documents if document["_id"] not in existing]
        if self.run is None:
            duplicates = (await self.insert_each(documents)).keys() if documents else set()
            return set(_ids(documents)) - duplicates
        for document in documents:
            self._note_first_insert(document)
            await self._later(inserted(document), only_new=True)
        return set(_ids(documents))

    async def put(self, document: Document) -> None:
        """Insert the document, or replace the one with its `_id`.

        Not an upsert, because some engines lose concurrent upserts on `_id`.
        """
        while not await self.replace({"_id": document["_id"]}, document):
            if await self.insert_missing([document]):
                return

    async def replace(self, filter_: Filter, document: Document) -> bool:
        """Whether a document was replaced. Raises the error of a violated unique rule."""
        if self.run is not None:
            return await self._now(updated(filter_, document, many=False)) == 1
        try:
            done = await self._write(lambda: self.collection.replace_one(filter_, document))
        except DuplicateKeyError as error:
            raise self._unique_error(error) from error
        return done.matched_count == 1

    async def replace_or_raise(
        self, filter_: Filter, document: Document, missed: Callable[[], Awaitable[Exception]]
    ) -> None:
        """As `replace`; raises the error that `missed` makes if no document was replaced, in a
        transaction perhaps with a later call."""
        if self.run is not None:
            await self._later(updated(filter_, document, many=False), missed=missed)
        elif not await self.replace(filter_, document):
            raise await missed()

    async def update(self, filter_: Filter, change: Filter) -> bool:
        """Whether a document was updated."""
        if self.run is not None:
            return await self._now(updated(filter_, change, many=False)) == 1
        done = await self._write(lambda: self.collection.update_one(filter_, change))
        return done.matched_count == 1

    async def update_many(self, filter_: Filter, change: Filter) -> None:
        if self.run is not None:
            await self._later(updated(filter_, change, many=True))
        else:
            await self.update_and_count(filter_, change)

    async def update_and_count(self, filter_: Filter, change: Filter) -> int:
        """How many documents were updated."""
        if self.run is not None:
            return await self._now(updated(filter_, change, many=True))
        done = await self._write(lambda: self.collection.update_many(filter_, change))
        return int(done.matched_count)

    async def replace_each(self, replacements: Sequence[tuple[Filter, Document]]) -> int:
        """Replace one document per filter, in one request. Returns how many were found. They are
        durable after the next other write: a journal write for each would take longer than the
        replacements. Not in a transaction."""
        return await self._each([ReplaceOne(filter_, new) for filter_, new in replacements])

    async def update_each(self, updates: Sequence[tuple[Filter, Filter]]) -> int:
        """As `replace_each`: update one document per filter."""
        return await self._each([UpdateOne(filter_, change) for filter_, change in updates])

    async def _each(self, requests: Sequence[ReplaceOne[Document] | UpdateOne]) -> int:
        collection = self.collection.with_options(write_concern=UNJOURNALED)
        done = await self._write(lambda: collection.bulk_write(requests, ordered=False))
        return int(done.matched_count)

    async def remove(self, filter_: Filter) -> bool:
        """Whether a document was removed."""
        if self.run is not None:
            return await self._now(removed(filter_, many=False)) == 1
        done = await self._write(lambda: self.collection.delete_one(filter_))
        return done.deleted_count == 1

    async def remove_many(self, filter_: Filter) -> None:
        if self.run is not None:
            await self._later(removed(filter_, many=True))
            return
        await self._write(lambda: self.collection.delete_many(filter_))

    async def remove_and_count(self, filter_: Filter) -> int:
        """How many documents were removed."""
        if self.run is not None:
            return await self._now(removed(filter_, many=True))
        done = await self._write(lambda: self.collection.delete_many(filter_))
        return int(done.deleted_count)

    async def insert_each(self, documents: Sequence[Document]) -> dict[Any, str]:
        """Insert the documents that violate no unique index. Returns the ids of the others, each
        with the name of an index that it violates, "" if the engine does not say which. In a
        transaction, which such a document aborts, its error is raised."""
        if self.run is not None:
            for document in documents:
                await self._later(inserted(document))
            return {}
        try:
            await self._write(lambda: self.collection.insert_many(documents, ordered=False))
        except BulkWriteError as error:
            failures = error.details["writeErrors"]
            if any(failure["code"] != DUPLICATE_KEY for failure in failures):
                raise
            return {
                documents[failure["index"]]["_id"]: index_of(failure["errmsg"])
                for failure in failures
            }
        return {}

    def _note_first_insert(self, document: Document) -> None:
        if self.run is not None and self.run.first_insert is None:
            self.run.first_insert = self.collection.name, document["_id"]

    def _unique_error(self, error: DuplicateKeyError) -> Conflict:
        """The error of the violated unique index."""
        return self.unique.get(index_of(str(error)), Duplicate)()

    async def _later(
        self,
        operation: Document,
        *,
        only_new: bool = False,
        missed: Callable[[], Awaitable[Exception]] | None = None,
    ) -> None:
        """A write that nothing depends on yet (adapters/mongo/pending_writes.py)."""
        async with self._transaction() as run:
            await run.pending.add(self._as_write(operation, only_new, missed))

    async def _now(self, operation: Document) -> int:
        """How many documents the write changed. What waits is sent with it."""
        async with self._transaction() as run:
            return await run.pending.send_with(self._as_write(operation))

    def _as_write(
        self,
        operation: Document,
        only_new: bool = False,
        missed: Callable[[], Awaitable[Exception]] | None = None,
    ) -> Write:
        return Write(self.collection.name, operation, self.unique, only_new, missed)

    async def _write(self, call: Callable[[], Awaitable[T]]) -> T:
        """The result of `call`, outside of transactions. MongoDB repeats a write that met a
        conflict by itself; engines that report it instead wrote nothing, and it is repeated here.

        The number of these writes at a time is limited. Such a write waits for a transaction that
        has written the same document, and occupies one of the driver's threads meanwhile. If these
        writes occupied all threads, there would be none for the commit they wait for.
        """
        for number in range(CONFLICTS_AT_MOST):
            try:
                async with time_limit(), self.write_limit:
                    return await call()
            except PyMongoError as error:
                if not is_conflict(error):
                    raise_translated(error)
            await back_off(number)
        raise DatabaseUnavailable

    @asynccontextmanager
    async def _calls(
        self, *, every_collection: bool = False
    ) -> AsyncIterator[AsyncIOMotorClientSession | None]:
        """Limits the time of the reads inside, and translates outages to `DatabaseUnavailable`;
        in a transaction the runner translates, because it may run the step again. The reads see
        what the transaction has written, to this collection or to every one."""
        if self.run is not None:
            async with self._transaction() as run:
                name = None if every_collection else self.collection.name
                await run.pending.send_before_reading(name)
                yield run.session
            return
        async with time_limit():
            try:
                yield None
            except PyMongoError as error:
                raise_translated(error)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[TransactionRun]:
        """The run, with a limited time for the calls inside."""
        assert self.run is not None, "outside of a transaction"
        async with time_limit():
            self.run.check()
            yield self.run


def any_of_parts(values: Sequence[object]) -> list[object]:
    """Conditions for at most `VALUES` of the values each."""
    return [any_of(values[first : first + VALUES]) for first in range(0, len(values), VALUES)]


def any_of(values: Sequence[object]) -> object:
    """The condition for one of the values. For a single one it is an equality, which every engine
    can combine with an index range."""
    return values[0] if len(values) == 1 else {"$in": list(values)}


def raise_translated(error: PyMongoError) -> NoReturn:
    """Raises `DatabaseUnavailable` for an outage, and any other error as it is."""
    if is_outage(error) or is_transient(error):
        raise DatabaseUnavailable from error
    raise error


def _ids(documents: Sequence[Document]) -> list[Any]:
    return [document["_id"] for document in documents]
