"""The store in MongoDB: its collections, its indexes, and its transactions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC
from typing import Any, TypeVar

from bson.codec_options import CodecOptions
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import PyMongoError

from adapters.mongo.context import RepositoryContext, SharedState
from adapters.mongo.documents import CollectionDefinition
from adapters.mongo.registry import COLLECTIONS, REPOSITORIES, MongoRepositories
from adapters.mongo.transaction_runner import DURABLE, TransactionRun, TransactionRunner
from core.errors import Unavailable
from core.outbox import OutboxMessage
from ports.clock import Clock
from ports.documents import DocumentType, by_collection
from ports.scheduling import Notifier
from ports.store import Repositories, Store

T = TypeVar("T")


class MongoStore(Store):
    """Stores everything in one database of `client`, whose server-selection time-out decides how
    soon an outage becomes `Unavailable`. `notifier` is called after commits. `documents` are the
    types it stores besides its own repositories (ports/documents.py)."""

    def __init__(
        self,
        client: AsyncIOMotorClient[dict[str, Any]],
        database: str,
        clock: Clock,
        notifier: Notifier,
        documents: Sequence[DocumentType[Any]] = (),
    ) -> None:
        self._clock = clock
        self._notifier = notifier
        self._runner = TransactionRunner(client, database)
        self._database = client.get_database(
            database,
            codec_options=CodecOptions(tz_aware=True, tzinfo=UTC),
            write_concern=DURABLE,
        )
        self._shared = SharedState(self._database, clock)
        kinds = by_collection(documents, reserved={kept.name for kept in COLLECTIONS})
        self._definitions = {name: CollectionDefinition(kind) for name, kind in kinds.items()}
        self._repositories = MongoRepositories(
            RepositoryContext(self._shared, self._wake), self._definitions
        )

    @property
    def repositories(self) -> Repositories:
        return self._repositories

    @property
    def repository_names(self) -> frozenset[str]:
        return frozenset(REPOSITORIES)

    async def prepare(self) -> None:
        """Make collections and indexes; those that exist are left alone.

        Run it before there is data: building an index over much data takes long, and a
        collection should not be made inside a transaction.
        """
        there = set(await self._database.list_collection_names())
        for name in (*(kept.name for kept in COLLECTIONS), *self._definitions):
            if name not in there:
                await self._database.create_collection(name)
        for definition in self._definitions.values():
            await definition.add_keys(self._database)
        indexes = {kept.name: kept.indexes for kept in COLLECTIONS}
        indexes |= {name: definition.indexes for name, definition in self._definitions.items()}
        for name, wanted in indexes.items():
            if wanted:
                await self._database[name].create_indexes(list(wanted))

    async def transact(self, step: Callable[[Repositories], Awaitable[T]]) -> T:
        added: list[OutboxMessage] = []

        async def remember(messages: Sequence[OutboxMessage]) -> None:
            added.extend(messages)

        async def body(run: TransactionRun) -> T:
            added.clear()
            repositories = MongoRepositories(
                RepositoryContext(self._shared, remember, run), self._definitions
            )
            result = await step(repositories)
            await repositories.flush()
            return result

        result = await self._runner.run(body)
        await self._wake(added)
        return result

    async def ready(self) -> None:
        try:
            await self._database.command("ping")
        except PyMongoError as error:
            raise Unavailable from error

    async def _wake(self, added: Sequence[OutboxMessage]) -> None:
        now = self._clock.now()
        due = [message.id for message in added if message.due_at <= now]
        if due:
            await self._notifier.wake_up(due)
