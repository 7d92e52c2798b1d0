"""How repositories reach the database: in a transaction, or with single calls."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase

from adapters.mongo.driver import SINGLE_WRITES, Document, MongoCollection
from adapters.mongo.prefetch import PrefetchedMessages
from adapters.mongo.searches import Searches
from adapters.mongo.transaction_runner import TransactionRun
from core.errors import Conflict
from core.outbox import OutboxMessage
from core.vocabulary import VOCABULARY, Vocabulary
from ports.clock import Clock

OnAdded = Callable[[Sequence[OutboxMessage]], Awaitable[None]]
"""Called with the added messages: at once outside of a transaction, else before the commit."""


class SharedState:
    """Shared by all contexts of one store: the database, the limit of concurrent single writes,
    the rules of the search, and the process caches, which can be lost at any time."""

    def __init__(
        self,
        database: AsyncIOMotorDatabase[Document],
        clock: Clock,
        vocabulary: Vocabulary = VOCABULARY,
    ) -> None:
        self.database = database
        self.clock = clock
        self.write_limit = asyncio.Semaphore(SINGLE_WRITES)
        self.searches = Searches(clock)
        self.vocabulary = vocabulary
        self.prefetched = PrefetchedMessages()
        self._collections: dict[str, AsyncIOMotorCollection[Document]] = {}

    def collection(self, name: str) -> AsyncIOMotorCollection[Document]:
        """Cached, since creating a collection object is slower."""
        found = self._collections.get(name)
        if found is None:
            found = self._collections[name] = self.database[name]
        return found


@dataclass(frozen=True, slots=True)
class RepositoryContext:
    """One run of a transaction, or single calls if `run` is None."""

    shared: SharedState
    on_added: OnAdded
    run: TransactionRun | None = None

    def open_collection(self, name: str, unique: Mapping[str, type[Conflict]]) -> MongoCollection:
        """The collection `name`; `unique` names the error of each unique index."""
        return MongoCollection(
            self.shared.collection(name), unique, self.shared.write_limit, self.run
        )
