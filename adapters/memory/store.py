"""The whole store in memory: the same contract as the database's, for tests and trying out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from adapters.memory.repositories.accounts import MemoryAccounts
from adapters.memory.repositories.audit import MemoryAudit
from adapters.memory.repositories.avatars import MemoryAvatars
from adapters.memory.repositories.bookings import MemoryBookings
from adapters.memory.repositories.clients import MemoryClients
from adapters.memory.repositories.codes import MemoryCodes, MemoryThrottles
from adapters.memory.repositories.deliveries import MemoryDeliveries
from adapters.memory.repositories.developers import MemoryDevelopers
from adapters.memory.repositories.findings import MemoryFindings
from adapters.memory.repositories.idempotency_keys import MemoryIdempotencyKeys
from adapters.memory.repositories.identities import MemoryIdentities, MemoryOAuthStates
from adapters.memory.repositories.jobs import MemoryJobs
from adapters.memory.repositories.payments import MemoryInbox, MemoryPayments
from adapters.memory.repositories.periodic import MemoryPeriodicJobs
from adapters.memory.repositories.scheduling import MemoryOutbox, OnAdded
from adapters.memory.repositories.sessions import MemorySessions
from adapters.memory.repositories.suppressions import MemorySuppressions
from adapters.memory.repositories.timeline import MemoryTimeline
from adapters.memory.repositories.transactions import MemoryTransactions
from adapters.memory.tables import Draft, Tables, View, WriteConflict
from core.errors import Unavailable
from core.outbox import OutboxMessage
from ports.clock import Clock
from ports.scheduling import Notifier
from ports.store import Repositories, Store

T = TypeVar("T")

RUNS_AT_MOST = 1000
"""Of n steps that collide one commits each time, so this is also how many may collide."""


class MemoryRepositories:
    """The repositories over one view of the tables."""

    def __init__(self, view: View, clock: Clock, on_added: OnAdded) -> None:
        self.accounts = MemoryAccounts(view)
        self.sessions = MemorySessions(view)
        self.codes = MemoryCodes(view)
        self.throttles = MemoryThrottles(view)
        self.clients = MemoryClients(view)
        self.developers = MemoryDevelopers(view)
        self.bookings = MemoryBookings(view)
        self.payments = MemoryPayments(view)
        self.inbox = MemoryInbox(view)
        self.transactions = MemoryTransactions(view)
        self.jobs = MemoryJobs(view)
        self.deliveries = MemoryDeliveries(view)
        self.timeline = MemoryTimeline(view)
        self.audit = MemoryAudit(view)
        self.outbox = MemoryOutbox(view, on_added)
        self.periodic_jobs = MemoryPeriodicJobs(view, clock)
        self.findings = MemoryFindings(view)
        self.idempotency_keys = MemoryIdempotencyKeys(view)
        self.identities = MemoryIdentities(view)
        self.oauth_states = MemoryOAuthStates(view)
        self.avatars = MemoryAvatars(view)
        self.suppressions = MemorySuppressions(view)


class MemoryStore(Store):
    """Keeps everything in this process. `conflicts = n` makes the next n commits collide once,
    so that a test sees its steps run again."""

    def __init__(self, clock: Clock, notifier: Notifier | None = None) -> None:
        self.conflicts = 0
        self._clock = clock
        self._notifier = notifier
        self._tables = Tables()
        self._repositories = MemoryRepositories(self._tables, clock, self._wake)

    @property
    def repositories(self) -> MemoryRepositories:
        return self._repositories

    async def transact(self, step: Callable[[Repositories], Awaitable[T]]) -> T:
        for _ in range(RUNS_AT_MOST):
            try:
                return await self._run(step)
            except WriteConflict:
                continue
        raise Unavailable

    async def ready(self) -> None:
        """Memory always answers."""

    async def _run(self, step: Callable[[Repositories], Awaitable[T]]) -> T:
        draft, added = Draft(self._tables), list[OutboxMessage]()

        async def remember(messages: Sequence[OutboxMessage]) -> None:
            added.extend(messages)

        result = await step(MemoryRepositories(draft, self._clock, remember))
        self._collide()
        draft.commit()
        await self._wake(added)
        return result

    def _collide(self) -> None:
        if self.conflicts > 0:
            self.conflicts -= 1
            raise WriteConflict

    async def _wake(self, added: Sequence[OutboxMessage]) -> None:
        now = self._clock.now()
        due = [message.id for message in added if message.due_at <= now]
        if self._notifier is not None and due:
            await self._notifier.wake_up(due)
