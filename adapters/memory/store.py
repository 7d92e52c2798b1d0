"""The whole store in memory: the same contract as the database's, for tests and trying out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from adapters.memory.books.accounts import MemoryAccounts
from adapters.memory.books.audit import MemoryAudit
from adapters.memory.books.avatars import MemoryAvatars
from adapters.memory.books.bookings import MemoryBookings
from adapters.memory.books.clients import MemoryClients
from adapters.memory.books.codes import MemoryCodes, MemoryThrottles
from adapters.memory.books.deliveries import MemoryDeliveries
from adapters.memory.books.developers import MemoryDevelopers
from adapters.memory.books.findings import MemoryFindings
from adapters.memory.books.identities import MemoryIdentities, MemoryJourneys
from adapters.memory.books.jobs import MemoryJobs
from adapters.memory.books.payments import MemoryInbox, MemoryPayments
from adapters.memory.books.request_keys import MemoryRequestKeys
from adapters.memory.books.scheduling import MemoryEffects, Ring
from adapters.memory.books.sessions import MemorySessions
from adapters.memory.books.suppressions import MemorySuppressions
from adapters.memory.books.timeline import MemoryTimeline
from adapters.memory.books.transactions import MemoryTransactions
from adapters.memory.tables import Draft, Tables, View, WriteConflict
from core.effects import Effect
from core.errors import Unavailable
from ports.clock import Clock
from ports.scheduling import Waker
from ports.store import Books, Store

T = TypeVar("T")

RUNS_AT_MOST = 1000
"""Of n steps that collide one commits each time, so this is also how many may collide."""


class MemoryBooks:
    """The collections over one view of the tables (`Books`, whose names are read-only there)."""

    def __init__(self, view: View, ring: Ring) -> None:
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
        self.effects = MemoryEffects(view, ring)
        self.findings = MemoryFindings(view)
        self.request_keys = MemoryRequestKeys(view)
        self.identities = MemoryIdentities(view)
        self.journeys = MemoryJourneys(view)
        self.avatars = MemoryAvatars(view)
        self.suppressions = MemorySuppressions(view)


class MemoryStore(Store):
    """Keeps everything in this process. `conflicts = n` makes the next n commits collide once,
    so that a test sees its steps run again."""

    def __init__(self, clock: Clock, waker: Waker | None = None) -> None:
        self.conflicts = 0
        self._clock = clock
        self._waker = waker
        self._tables = Tables()
        self._books = MemoryBooks(self._tables, self._wake)

    @property
    def books(self) -> MemoryBooks:
        return self._books

    async def transact(self, step: Callable[[Books], Awaitable[T]]) -> T:
        for _ in range(RUNS_AT_MOST):
            try:
                return await self._run(step)
            except WriteConflict:
                continue
        raise Unavailable

    async def ready(self) -> None:
        """Memory always answers."""

    async def _run(self, step: Callable[[Books], Awaitable[T]]) -> T:
        draft, added = Draft(self._tables), list[Effect]()

        async def remember(effects: Sequence[Effect]) -> None:
            added.extend(effects)

        result = await step(MemoryBooks(draft, remember))
        self._collide()
        draft.commit()
        await self._wake(added)
        return result

    def _collide(self) -> None:
        if self.conflicts > 0:
            self.conflicts -= 1
            raise WriteConflict

    async def _wake(self, added: Sequence[Effect]) -> None:
        now = self._clock.now()
        due = [effect.id for effect in added if effect.due_at <= now]
        if self._waker is not None and due:
            await self._waker.wake(due)
