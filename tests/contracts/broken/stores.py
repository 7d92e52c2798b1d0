"""Stores that each break one promise about steps."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TypeVar

from adapters.memory.repositories.registry import MemoryRepositories
from adapters.memory.store import MemoryStore
from adapters.memory.tables import TransactionTables, WriteConflict
from core.errors import OneHourError
from core.outbox import OutboxMessage
from ports.store import Repositories
from tests.contracts.broken.suite import breaks

T = TypeVar("T")


@breaks("a_step_that_raises_leaves_nothing")
class KeepsWhatAFailedStepWrote(MemoryStore):
    async def _run(self, step: Callable[[Repositories], Awaitable[T]]) -> T:
        try:
            return await super()._run(step)
        except (OneHourError, WriteConflict):
            raise
        except Exception:
            transaction = TransactionTables(self._tables, self._notify)
            with suppress(Exception):
                await step(MemoryRepositories(transaction, self._kinds, self._keys))
            transaction.commit()
            raise


@breaks("wake_ups_come_after_the_commit_for_messages_that_are_due")
class WakesForAllMessages(MemoryStore):
    """Also for those that are due later."""

    async def _notify(self, added: Sequence[OutboxMessage]) -> None:
        if self._notifier is not None and added:
            await self._notifier.wake_up([message.id for message in added])


@breaks("it_has_every_repository_under_its_name")
class NamesOneRepositoryLess(MemoryStore):
    @property
    def repository_names(self) -> frozenset[str]:
        return super().repository_names - {"outbox"}


@breaks("a_step_is_kept_as_a_whole_and_its_result_returned")
class ForgetsTheResult(MemoryStore):
    async def transact(self, step: Callable[[Repositories], Awaitable[T]]) -> T:
        result = await super().transact(step)
        return result if result != "kept" else None  # type: ignore[return-value]
