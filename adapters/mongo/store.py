"""The store in MongoDB: its collections, its indexes, and its transactions."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC
from typing import Any, TypeVar

from bson.codec_options import CodecOptions
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import PyMongoError

from adapters.mongo.accounts import MongoAccounts
from adapters.mongo.audit import MongoAudit, MongoAuditHeads
from adapters.mongo.avatars import MongoAvatars
from adapters.mongo.bookings import MongoBookings
from adapters.mongo.clients import MongoClients
from adapters.mongo.codes import MongoCodes, MongoThrottles
from adapters.mongo.collection import Kept
from adapters.mongo.deliveries import MongoDeliveries
from adapters.mongo.developers import MongoDevelopers
from adapters.mongo.findings import MongoFindings
from adapters.mongo.idempotency_keys import MongoIdempotencyKeys
from adapters.mongo.identities import MongoIdentities, MongoOAuthStates
from adapters.mongo.jobs import MongoJobs
from adapters.mongo.lookahead import Lookahead
from adapters.mongo.payments import MongoInbox, MongoPayments
from adapters.mongo.periodic import MongoPeriodicJobs
from adapters.mongo.rows import SINGLE_WRITES, View
from adapters.mongo.runs import DURABLE, Run, Runner
from adapters.mongo.scheduling import MongoOutbox, OnAdded
from adapters.mongo.searches import Searches
from adapters.mongo.sessions import MongoSessions
from adapters.mongo.suppressions import MongoSuppressions
from adapters.mongo.timeline import MongoTimeline
from adapters.mongo.transactions import MongoTransactions
from core.errors import Unavailable
from core.outbox import OutboxMessage
from ports.clock import Clock
from ports.scheduling import Notifier
from ports.store import Repositories, Store

T = TypeVar("T")

COLLECTIONS: tuple[type[Kept], ...] = (
    MongoAccounts,
    MongoSessions,
    MongoCodes,
    MongoThrottles,
    MongoClients,
    MongoDevelopers,
    MongoBookings,
    MongoPayments,
    MongoInbox,
    MongoTransactions,
    MongoJobs,
    MongoDeliveries,
    MongoTimeline,
    MongoAudit,
    MongoAuditHeads,
    MongoOutbox,
    MongoPeriodicJobs,
    MongoFindings,
    MongoIdempotencyKeys,
    MongoIdentities,
    MongoOAuthStates,
    MongoAvatars,
    MongoSuppressions,
)


class Memory:
    """What one store remembers in this process, whatever the view. Nothing hangs on it."""

    def __init__(self, clock: Clock) -> None:
        self.searches = Searches(clock)
        self.ahead = Lookahead()


class MongoRepositories:
    """The repositories over one view of the database."""

    def __init__(self, view: View, memory: Memory, on_added: OnAdded) -> None:
        self.accounts = MongoAccounts(view)
        self.sessions = MongoSessions(view)
        self.codes = MongoCodes(view)
        self.throttles = MongoThrottles(view)
        self.clients = MongoClients(view)
        self.developers = MongoDevelopers(view, memory.searches)
        self.bookings = MongoBookings(view)
        self.payments = MongoPayments(view)
        self.inbox = MongoInbox(view)
        self.transactions = MongoTransactions(view)
        self.jobs = MongoJobs(view)
        self.deliveries = MongoDeliveries(view)
        self.timeline = MongoTimeline(view)
        self.audit = MongoAudit(view)
        self.outbox = MongoOutbox(view, memory.ahead, on_added)
        self.periodic_jobs = MongoPeriodicJobs(view)
        self.findings = MongoFindings(view)
        self.idempotency_keys = MongoIdempotencyKeys(view)
        self.identities = MongoIdentities(view)
        self.oauth_states = MongoOAuthStates(view)
        self.avatars = MongoAvatars(view)
        self.suppressions = MongoSuppressions(view)


class MongoStore(Store):
    """Keeps everything in one database of `client`, whose short server-selection time-out says
    how soon an outage becomes `Unavailable`. `notifier` is rung after commits."""

    def __init__(
        self,
        client: AsyncIOMotorClient[dict[str, Any]],
        database: str,
        clock: Clock,
        notifier: Notifier,
    ) -> None:
        self._clock = clock
        self._notifier = notifier
        self._memory = Memory(clock)
        self._runner = Runner(client, database)
        self._database = client.get_database(
            database,
            codec_options=CodecOptions(tz_aware=True, tzinfo=UTC),
            write_concern=DURABLE,
        )
        self._gate = asyncio.Semaphore(SINGLE_WRITES)
        self._repositories = MongoRepositories(
            View(self._database, self._gate), self._memory, self._wake
        )

    @property
    def repositories(self) -> MongoRepositories:
        return self._repositories

    async def prepare(self) -> None:
        """Make collections and indexes; what is there already is left alone.

        Run it before there is data: building an index over much of it takes its time, and
        a collection is best not born inside a transaction.
        """
        there = set(await self._database.list_collection_names())
        for kept in COLLECTIONS:
            if kept.name not in there:
                await self._database.create_collection(kept.name)
            if kept.indexes:
                await self._database[kept.name].create_indexes(list(kept.indexes))

    async def transact(self, step: Callable[[Repositories], Awaitable[T]]) -> T:
        added: list[OutboxMessage] = []

        async def remember(messages: Sequence[OutboxMessage]) -> None:
            added.extend(messages)

        async def body(run: Run) -> T:
            added.clear()
            view = View(self._database, self._gate, run)
            repositories = MongoRepositories(view, self._memory, remember)
            result = await step(repositories)
            await repositories.outbox.flush()
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
