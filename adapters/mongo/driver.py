"""One MongoDB collection as the adapter uses it: sessions, duplicate keys, outages.

Three rules keep the queries fast and correct on every engine:
- a filter has no `$and` or `$or` at its top and names the indexed field first;
- at most one field has a range beside equalities;
- an update states in its filter what the document must still be (no find-and-modify: smaller
  engines scan for it).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bson.codec_options import CodecOptions
from motor.motor_asyncio import (
    AsyncIOMotorClientSession,
    AsyncIOMotorCollection,
)
from pymongo import UpdateOne
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    PyMongoError,
    WTimeoutError,
)

from adapters.mongo.transaction_runner import DuplicateInTransaction, TransactionRun, is_transient
from core.errors import Conflict, Unavailable
from ports.store import Duplicate

Document = dict[str, Any]
Filter = Mapping[str, Any]
Order = Sequence[tuple[str, int]]
AWARE: CodecOptions[Document] = CodecOptions(tz_aware=True, tzinfo=UTC)
DUPLICATE_KEY = 11000
SINGLE_WRITES = 4
"""So many at a time outside of transactions; Motor has five threads for each core."""
INDEX = re.compile(r"\bindex: (\S+)")
BATCH = 1000
"""How many documents one answer carries: a list is one round trip."""


@dataclass(frozen=True, slots=True)
class MongoCollection:
    """`unique` names the error for each unique index; any other means `Duplicate`."""

    collection: AsyncIOMotorCollection[Document]
    unique: Mapping[str, type[Conflict]]
    write_limit: asyncio.Semaphore
    run: TransactionRun | None

    async def find_one(
        self, filter_: Filter, *, order: Order | None = None, fields: Filter | None = None
    ) -> Document | None:
        with self._calls() as session:
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
        with self._calls() as session:
            cursor = self.collection.find(
                filter_,
                projection=fields,
                sort=order,
                limit=limit,
                batch_size=BATCH,
                session=session,
            )
            return await cursor.to_list(None)

    async def each(self, filter_: Filter, *, order: Order | None = None) -> AsyncIterator[Document]:
        """One by one, however many there are."""
        with self._calls() as session:
            async for document in self.collection.find(filter_, sort=order, session=session):
                yield document

    async def aggregate(self, stages: Sequence[Filter]) -> list[Document]:
        with self._calls() as session:
            return await self.collection.aggregate(list(stages), session=session).to_list(None)

    async def server_time(self) -> datetime:
        """The server's clock, in whole milliseconds: the same for every process that asks it."""
        with self._calls():
            hello = await self.collection.database.command("hello", codec_options=AWARE)
        now: datetime = hello["localTime"]
        return now

    async def insert(self, document: Document) -> None:
        """Raises the error of the unique rule it breaks."""
        try:
            async with self._writes() as session:
                await self.collection.insert_one(document, session=session)
        except DuplicateKeyError as error:
            raise self._taken(error) from error
        self._note_first_insert(document)

    async def insert_missing(self, documents: Sequence[Document]) -> set[Any]:
        """Insert those whose `_id` is new; returns these ids.

        A duplicate key ends a transaction, so a careful run looks first. Other runs insert
        without looking, since duplicates are rare, and run again carefully after one.
        """
        if self.run is not None and self.run.check_existing:
            known = await self.find({"_id": {"$in": _ids(documents)}}, fields={"_id": 1})
            there = set(_ids(known))
            documents = [document for document in documents if document["_id"] not in there]
        if not documents:
            return set()
        repeats = await self._insert_many(documents)
        if repeats and self.run is not None:
            raise DuplicateInTransaction
        if len(repeats) < len(documents):
            self._note_first_insert(documents[0])
        return set(_ids(documents)) - repeats

    async def put(self, document: Document) -> None:
        """Insert it, or replace the one with its `_id`.

        Not an upsert: under contention some engines lose writes of upserts on `_id`.
        """
        while not await self.replace({"_id": document["_id"]}, document):
            if await self.insert_missing([document]):
                return

    async def replace(self, filter_: Filter, document: Document) -> bool:
        """Whether there was one to replace. Raises the error of the unique rule it breaks."""
        try:
            async with self._writes() as session:
                done = await self.collection.replace_one(filter_, document, session=session)
        except DuplicateKeyError as error:
            raise self._taken(error) from error
        return done.matched_count == 1

    async def update(self, filter_: Filter, change: Filter) -> bool:
        """Whether there was one to update."""
        async with self._writes() as session:
            done = await self.collection.update_one(filter_, change, session=session)
        return done.matched_count == 1

    async def update_many(self, filter_: Filter, change: Filter) -> None:
        async with self._writes() as session:
            await self.collection.update_many(filter_, change, session=session)

    async def update_each(self, filters: Sequence[Filter], change: Filter) -> None:
        """The same change for the one document of each filter, in one message."""
        requests = [UpdateOne(filter_, change) for filter_ in filters]
        async with self._writes() as session:
            await self.collection.bulk_write(requests, ordered=False, session=session)

    async def remove(self, filter_: Filter) -> bool:
        """Whether there was one to remove."""
        async with self._writes() as session:
            done = await self.collection.delete_one(filter_, session=session)
        return done.deleted_count == 1

    async def remove_many(self, filter_: Filter) -> None:
        async with self._writes() as session:
            await self.collection.delete_many(filter_, session=session)

    async def remove_all(self, filter_: Filter) -> None:
        async with self._writes() as session:
            await self.collection.delete_many(filter_, session=session)

    async def _insert_many(self, documents: Sequence[Document]) -> set[Any]:
        """Returns the ids that were there already."""
        try:
            async with self._writes() as session:
                await self.collection.insert_many(documents, ordered=False, session=session)
        except BulkWriteError as error:
            failures = error.details["writeErrors"]
            if any(failure["code"] != DUPLICATE_KEY for failure in failures):
                raise
            return {documents[failure["index"]]["_id"] for failure in failures}
        return set()

    def _note_first_insert(self, document: Document) -> None:
        if self.run is not None and self.run.first_insert is None:
            self.run.first_insert = self.collection.name, document["_id"]

    def _taken(self, error: DuplicateKeyError) -> Conflict:
        """Only the message names the index on every engine. Its first match counts: the values,
        which anybody can choose, come later."""
        found = INDEX.search(str(error))
        taken = self.unique.get(found[1] if found else "", Duplicate)()
        if self.run is not None:
            self.run.violation = taken
        return taken

    @asynccontextmanager
    async def _writes(self) -> AsyncIterator[AsyncIOMotorClientSession | None]:
        """A single write waits for a transaction that has written the same document, and
        occupies one of the driver's few threads meanwhile. If such writes occupied all threads,
        none would be left for the commit they wait for; so only some may write at a time."""
        async with self.write_limit if self.run is None else nullcontext():
            with self._calls() as session:
                yield session

    @contextmanager
    def _calls(self) -> Iterator[AsyncIOMotorClientSession | None]:
        """Outages become `Unavailable` here; inside a run the runner handles them."""
        if self.run is not None:
            self.run.check()
            yield self.run.session
            return
        try:
            yield None
        except (ConnectionFailure, ExecutionTimeout, WTimeoutError) as error:
            raise Unavailable from error
        except PyMongoError as error:
            if is_transient(error):
                raise Unavailable from error
            raise


def _ids(documents: Sequence[Document]) -> list[Any]:
    return [document["_id"] for document in documents]
