"""The store in MongoDB: collections, indexes and transactions."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC
from typing import Any, TypeVar

from bson.codec_options import CodecOptions
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError, PyMongoError

from adapters.mongo.context import RepositoryContext, SharedState
from adapters.mongo.documents import CollectionDefinition
from adapters.mongo.outages import is_outage, time_limit
from adapters.mongo.pending_writes import ServerSupport
from adapters.mongo.registry import COLLECTIONS, REPOSITORIES, MongoRepositories
from adapters.mongo.transaction_runner import DURABLE, TransactionRun, TransactionRunner
from core.outbox import OutboxMessage
from core.vocabulary import VOCABULARY, Vocabulary
from ports.clock import Clock
from ports.documents import DocumentType, by_collection
from ports.idempotency_keys import request_to_record
from ports.scheduling import Notifier
from ports.store import DatabaseUnavailable, Repositories, Store
from ports.telemetry import NO_TELEMETRY, Kind, Telemetry

T = TypeVar("T")

READY_S = 5.0
"""The longest time until `ready` answers."""
READINESS = "readiness"
"""The collection of the one document that `ready` writes."""


class MongoStore(Store):
    """Stores everything in one database of `client`. An outage raises `DatabaseUnavailable` within
    seconds. `notifier` is called after commits. `documents` are the declared document types
    (ports/documents.py). `vocabulary` has the rules of the search. `server` is what the server was
    found to support; by default it is found out."""

    def __init__(
        self,
        client: AsyncIOMotorClient[dict[str, Any]],
        database: str,
        clock: Clock,
        notifier: Notifier,
        documents: Sequence[DocumentType[Any]] = (),
        vocabulary: Vocabulary = VOCABULARY,
        telemetry: Telemetry = NO_TELEMETRY,
        server: ServerSupport | None = None,
    ) -> None:
        self._clock = clock
        self._telemetry = telemetry
        self._notifier = notifier
        self._runner = TransactionRunner(client, database, server or ServerSupport())
        self.name = database
        self._database = client.get_database(
            database,
            codec_options=CodecOptions(tz_aware=True, tzinfo=UTC),
            write_concern=DURABLE,
        )
        self._shared = SharedState(self._database, clock, vocabulary)
        kinds = by_collection(documents, reserved={READINESS, *(each.name for each in COLLECTIONS)})
        self._definitions = {name: CollectionDefinition(kind) for name, kind in kinds.items()}
        self._repositories = MongoRepositories(
            RepositoryContext(self._shared, self._notify), self._definitions
        )

    @property
    def repositories(self) -> Repositories:
        return self._repositories

    @property
    def repository_names(self) -> frozenset[str]:
        return frozenset(REPOSITORIES)

    async def prepare(self) -> None:
        """Create missing collections and indexes, and complete documents of earlier versions.
        Idempotent. Raises `DatabaseUnavailable`.

        Run it before there is data, because building an index over much data takes long, and a
        collection should not be created inside a transaction.
        """
        indexes = {each.name: each.indexes for each in COLLECTIONS}
        indexes |= {name: definition.indexes for name, definition in self._definitions.items()}
        try:
            existing = set(await self._database.list_collection_names())
            await asyncio.gather(
                *(self._prepare(name, wanted, existing) for name, wanted in indexes.items())
            )
            for each in COLLECTIONS:
                await each.complete(self._database[each.name])
            await self._repositories.developers.rebuild_terms()
        except PyMongoError as error:
            if not is_outage(error):
                raise
            raise _no_answer(error) from error

    async def _prepare(self, name: str, indexes: Sequence[IndexModel], existing: set[str]) -> None:
        """Create one collection, then its indexes."""
        if name not in existing:
            await self._database.create_collection(name)
        if name in self._definitions:
            await self._definitions[name].add_keys(self._database)
        if indexes:
            await self._database[name].create_indexes(list(indexes))

    async def transact(self, step: Callable[[Repositories], Awaitable[T]]) -> T:
        added: list[OutboxMessage] = []
        request = request_to_record()

        async def collect(messages: Sequence[OutboxMessage]) -> None:
            added.extend(messages)

        async def body(run: TransactionRun) -> T:
            added.clear()
            repositories = MongoRepositories(
                RepositoryContext(self._shared, collect, run), self._definitions
            )
            result = await step(repositories)
            if request:
                await repositories.idempotency_keys.record(request, now=self._clock.now())
            await repositories.write()
            return result

        with self._telemetry.operation(Kind.TRANSACTION):
            result = await self._runner.run(body)
        if request:
            request.recorded = True
        await self._notify(added)
        return result

    async def ready(self) -> None:
        try:
            async with time_limit(READY_S):
                await self._write_a_document()
        except (PyMongoError, DatabaseUnavailable) as error:
            raise _no_answer(error.__cause__ or error) from error

    async def _write_a_document(self) -> None:
        """A server whose disk is full may still answer a ping."""
        collection, same = self._database[READINESS], {"_id": "readyz"}
        done = await collection.update_one(same, {"$inc": {"checks": 1}})
        if not done.matched_count:
            with suppress(DuplicateKeyError):  # another process was first
                await collection.insert_one({**same, "checks": 1})

    async def _notify(self, added: Sequence[OutboxMessage]) -> None:
        now = self._clock.now()
        due = [message.id for message in added if message.due_at <= now]
        if due:
            await self._notifier.wake_up(due)


def _no_answer(reason: BaseException) -> DatabaseUnavailable:
    return DatabaseUnavailable(
        f"The database does not answer ({type(reason).__name__}). Check ONEHOUR_MONGO_URL."
    )
