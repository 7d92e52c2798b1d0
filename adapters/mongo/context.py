"""What repositories see of the database: one transaction, or single calls outside of any."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase

from adapters.mongo.driver import SINGLE_WRITES, Document, MongoCollection
from adapters.mongo.prefetch import PrefetchedIds
from adapters.mongo.searches import Searches
from adapters.mongo.transaction_runner import TransactionRun
from core.errors import Conflict
from core.outbox import OutboxMessage
from ports.clock import Clock

OnAdded = Callable[[Sequence[OutboxMessage]], Awaitable[None]]
"""Called with what was added: at once outside a transaction, else before the commit."""


class SharedState:
    """What all views of one store have in common: the database, the limit of single writes,
    and the process caches, which may be lost at any time."""

    def __init__(self, database: AsyncIOMotorDatabase[Document], clock: Clock) -> None:
        self.database = database
        self.write_limit = asyncio.Semaphore(SINGLE_WRITES)
        self.searches = Searches(clock)
        self.prefetched = PrefetchedIds()
        self._collections: dict[str, AsyncIOMotorCollection[Document]] = {}

    def collection(self, name: str) -> AsyncIOMotorCollection[Document]:
        """Kept, since the driver takes longer to make one than to look one up."""
        found = self._collections.get(name)
        if found is None:
            found = self._collections[name] = self.database[name]
        return found


@dataclass(frozen=True, slots=True)
class RepositoryContext:
    """The database, as seen by one run of a step, or (`run` None) by single calls."""

    shared: SharedState
    on_added: OnAdded
    run: TransactionRun | None = None

    def rows(self, name: str, unique: Mapping[str, type[Conflict]]) -> MongoCollection:
        """The collection `name`; `unique` names the error of each unique index."""
        return MongoCollection(
            self.shared.collection(name), unique, self.shared.write_limit, self.run
        )
