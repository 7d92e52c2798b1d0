"""The store in memory, for tests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from adapters.memory.repositories.documents import SortKeys
from adapters.memory.repositories.registry import REPOSITORIES, MemoryRepositories
from adapters.memory.tables import Tables, TransactionTables, WriteConflict
from core.errors import Unavailable
from core.outbox import OutboxMessage
from ports.clock import Clock
from ports.documents import DocumentType, by_collection
from ports.idempotency_keys import request_to_record
from ports.scheduling import Notifier
from ports.store import Repositories, Store

T = TypeVar("T")

RUNS_AT_MOST = 1000
"""Of n conflicting steps one commits each time, so this is also the maximum of n."""


class MemoryStore(Store):
    """Stores everything in this process. `conflicts = n` makes the next n commits fail with a
    write conflict, so that tests can check steps that run again. `documents` are the declared
    document types (ports/documents.py)."""

    def __init__(
        self,
        clock: Clock,
        notifier: Notifier | None = None,
        documents: Sequence[DocumentType[Any]] = (),
    ) -> None:
        self.conflicts = 0
        self._clock = clock
        self._notifier = notifier
        self._tables = Tables(clock, self._notify)
        self._kinds = by_collection(documents, reserved=REPOSITORIES)
        self._keys = SortKeys()
        self._repositories = MemoryRepositories(self._tables, self._kinds, self._keys)

    @property
    def repositories(self) -> MemoryRepositories:
        return self._repositories

    @property
    def repository_names(self) -> frozenset[str]:
        return frozenset(REPOSITORIES)

    async def transact(self, step: Callable[[Repositories], Awaitable[T]]) -> T:
        for _ in range(RUNS_AT_MOST):
            try:
                return await self._run(step)
            except WriteConflict:
                continue
        raise Unavailable

    async def ready(self) -> None:
        """Memory is always available."""

    async def _run(self, step: Callable[[Repositories], Awaitable[T]]) -> T:
        added: list[OutboxMessage] = []

        async def collect(messages: Sequence[OutboxMessage]) -> None:
            added.extend(messages)

        transaction = TransactionTables(self._tables, collect)
        repositories = MemoryRepositories(transaction, self._kinds, self._keys)
        result = await step(repositories)
        if request := request_to_record():
            await repositories.idempotency_keys.record(request, now=self._clock.now())
        self._conflict_if_wanted()
        transaction.commit()
        if request:
            request.recorded = True
        await self._notify(added)
        return result

    def _conflict_if_wanted(self) -> None:
        if self.conflicts > 0:
            self.conflicts -= 1
            raise WriteConflict

    async def _notify(self, added: Sequence[OutboxMessage]) -> None:
        now = self._clock.now()
        due = [message.id for message in added if message.due_at <= now]
        if self._notifier is not None and due:
            await self._notifier.wake_up(due)
