"""The outbox in MongoDB.

Relays query only `next_at`, the earliest time a message can be claimed: its due time, or the end
of its lease. A message that is done, dead or cancelled has none. A claim updates documents on
this condition, and every engine serialises the updates of one document.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo import ASCENDING, IndexModel

from adapters.mongo.context import RepositoryContext
from adapters.mongo.driver import Document, any_of
from adapters.mongo.long_lists import FIRST, earliest_page, latest_page
from adapters.mongo.mapping import DocumentMapping
from adapters.mongo.prefetch import MISSES_AT_MOST, PREFETCH_FACTOR, Candidates
from adapters.mongo.repository import TTL_INDEX, MongoRepository, order_key
from core.outbox import OutboxId, OutboxMessage, State
from ports.scheduling import LATEST_FIRST, OUTBOX_STATES, Outbox, OutboxList
from ports.telemetry import current_trace

REMOVED_AFTER_S = 30 * 24 * 3600
OLD_INDEX = "by_state"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FREE = {"lease": None, "lease_until": None}
OVER = {"next_at": None, **FREE}


def _next_at(message: OutboxMessage) -> datetime | None:
    return (message.lease_until or message.due_at) if message.state is State.READY else None


MESSAGES = DocumentMapping(
    OutboxMessage,
    derived={
        "next_at": _next_at,
        "order_key": lambda message: order_key(message.due_at, message.id),
    },
)
FAILING_KEY = "failing_key"
"""The sort key again, only in messages whose last attempt failed and that are tried again."""
RECOVERED = {FAILING_KEY: ""}


class MongoOutbox(MongoRepository, Outbox):
    """In a transaction, added messages are collected and written by `flush` in one request."""

    name = "effects"
    indexes = (
        IndexModel([("next_at", ASCENDING)], name="due"),
        IndexModel([("state", ASCENDING), ("order_key", ASCENDING)], name="of_state"),
        IndexModel([(FAILING_KEY, ASCENDING)], name="failing", sparse=True),
        IndexModel([("done_at", ASCENDING)], name=TTL_INDEX, expireAfterSeconds=REMOVED_AFTER_S),
    )

    @classmethod
    async def complete(cls, collection: AsyncIOMotorCollection[Document]) -> None:
        """Sort keys of messages of 0.1.0, and the index they replace."""
        missing = {"order_key": {"$exists": False}}
        async for document in collection.find(missing, {"due_at": 1}):
            key = order_key(document["due_at"], document["_id"])
            # The time is compared, because the message may be postponed meanwhile.
            await collection.update_one(document, {"$set": {"order_key": key}})
        if OLD_INDEX in await collection.index_information():
            await collection.drop_index(OLD_INDEX)

    def __init__(self, context: RepositoryContext) -> None:
        super().__init__(context)
        self._prefetched = context.shared.prefetched
        self._on_added = context.on_added
        self._pending: dict[str, OutboxMessage] = {}

    async def add(self, *messages: OutboxMessage) -> None:
        trace = current_trace()
        for message in messages:
            self._pending.setdefault(message.id, message.added_in(trace))
        if self.collection.run is None:
            await self.flush()

    async def flush(self) -> None:
        """Write the pending messages."""
        messages, self._pending = self._pending, {}
        if messages:
            added = await self.collection.insert_missing(
                [MESSAGES.to_document(e) for e in messages.values()]
            )
            await self._on_added([message for message in messages.values() if message.id in added])

    async def find(self, message_id: str) -> OutboxMessage | None:
        await self.flush()
        document = await self.collection.find_one({"_id": message_id})
        return MESSAGES.from_document(document) if document else None

    async def many(self, message_ids: Sequence[str]) -> dict[str, OutboxMessage]:
        await self.flush()
        found = await self.collection.find_with("_id", message_ids)
        return {document["_id"]: MESSAGES.from_document(document) for document in found}

    async def cancel(self, *message_ids: str, now: datetime) -> None:
        if not self._pending.keys().isdisjoint(message_ids):
            await self.flush()
        ready = {"_id": {"$in": list(message_ids)}, "state": State.READY}
        over = {"state": State.CANCELLED, "done_at": now, **OVER}
        await self.collection.update_many(ready, {"$set": over, "$unset": RECOVERED})

    async def claim(
        self,
        *,
        now: datetime,
        lease: timedelta,
        token: str,
        limit: int,
        only: Sequence[str] = (),
    ) -> tuple[OutboxMessage, ...]:
        """Two round trips for any number: find candidates, and claim them. A third reads what was
        claimed, if another relay claims at the same time or a message has failed before. A claim
        of candidates that an earlier one has found is one round trip."""
        await self.flush()
        if 0 < len(only) <= limit:  # named by a wake-up, so no query is needed
            return await self._claim_ids(only, token, now, lease)
        if only:
            wanted = {"_id": any_of(only), "next_at": _until(now)}
            return await self._claim_found(await self._find_due(wanted, limit), token, now, lease)
        if claimed := await self._claim_prefetched(limit, token, now, lease):
            return claimed
        found = await self._find_due({"next_at": _until(now)}, limit * PREFETCH_FACTOR)
        self._prefetched.store(found)
        return await self._claim_prefetched(limit, token, now, lease, at_least=1)

    async def finish(self, *message_ids: OutboxId, token: str, now: datetime) -> int:
        done = {"state": State.DONE, "done_at": now, **OVER}
        leased = _leased_under(any_of(message_ids), token)
        return await self.collection.update_and_count(leased, {"$set": done, "$unset": RECOVERED})

    async def remove(self, *message_ids: OutboxId, token: str) -> int:
        leased = _leased_under(any_of(message_ids), token)
        return await self.collection.remove_and_count(leased)

    async def fail(self, failed: OutboxMessage, *, token: str) -> bool:
        document = MESSAGES.to_document(failed)
        if failed.state is State.READY:
            document[FAILING_KEY] = document["order_key"]
        return await self.collection.replace(_leased_under(failed.id, token), document)

    async def postpone(self, message_id: OutboxId, *, token: str, until: datetime) -> bool:
        later = {**_due(message_id, until), "attempts": 0, "last_error": None, **FREE}
        return await self.collection.update(
            _leased_under(message_id, token), {"$set": later, "$unset": RECOVERED}
        )

    async def retry(self, message_id: OutboxId, *, now: datetime) -> bool:
        dead = {"_id": message_id, "state": State.DEAD}
        key = order_key(now, message_id)
        again = {"state": State.READY, "attempts": 0, **_due(message_id, now), FAILING_KEY: key}
        return await self.collection.update(dead, {"$set": again})

    async def in_state(self, state: str, *, limit: int) -> tuple[OutboxMessage, ...]:
        await self.flush()
        order = [("order_key", ASCENDING)]
        found = await self.collection.find({"state": state}, order=order, limit=limit)
        return tuple(MESSAGES.from_document(document) for document in found)

    async def page(
        self, wanted: OutboxList, *, limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[OutboxMessage, ...], str | None]:
        await self.flush()
        now, collection, filter_ = self.clock.now(), self.collection, _in_list(wanted)
        if wanted in LATEST_FIRST:
            return await latest_page(
                collection, filter_, MESSAGES, now=now, limit=limit, cursor=cursor
            )
        key = FAILING_KEY if wanted is OutboxList.FAILING else "order_key"
        return await earliest_page(
            collection, filter_, MESSAGES, now=now, limit=limit, cursor=cursor, key=key
        )

    async def count(self, wanted: OutboxList, *, at_most: int) -> int:
        await self.flush()
        counted = await self.collection.aggregate(
            [{"$match": _in_list(wanted)}, {"$limit": at_most}, {"$count": "number"}]
        )
        return int(counted[0]["number"]) if counted else 0

    async def oldest_due(self, *, now: datetime) -> datetime | None:
        """Leased messages are not counted."""
        await self.flush()
        waiting = {"next_at": _until(now)}
        found = await self.collection.find_one(waiting, order=[("next_at", ASCENDING)])
        return found["due_at"] if found else None

    async def count_due(self, *, now: datetime, at_most: int) -> int:
        await self.flush()
        counted = await self.collection.aggregate(
            [{"$match": {"next_at": _until(now)}}, {"$limit": at_most}, {"$count": "number"}]
        )
        return int(counted[0]["number"]) if counted else 0

    async def _find_due(self, wanted: Document, limit: int) -> list[Document]:
        return await self.collection.find(wanted, order=[("next_at", ASCENDING)], limit=limit)

    async def _claim_prefetched(
        self,
        limit: int,
        token: str,
        now: datetime,
        lease: timedelta,
        *,
        at_least: int | None = None,
    ) -> tuple[OutboxMessage, ...]:
        for _ in range(MISSES_AT_MOST):
            candidates = self._prefetched.take(limit, at_least=at_least or limit)
            claimed = await self._claim_found(candidates, token, now, lease)
            if len(claimed) < len(candidates):
                self._prefetched.skip()
            if claimed or not candidates:
                return claimed
        return ()

    async def _claim_found(
        self, candidates: Candidates, token: str, now: datetime, lease: timedelta
    ) -> tuple[OutboxMessage, ...]:
        """As `_claim_ids`. What a message says never changes, and one that was never claimed has no
        attempts: if all candidates are claimed as such, they are known without reading them."""
        ids = [document["_id"] for document in candidates]
        if not ids or any(document["attempts"] for document in candidates):
            return await self._claim_ids(ids, token, now, lease)
        leased = _leased(token, until=now + lease)
        if await self._claim_free(ids, leased, now, attempts=0) < len(ids):
            return await self._read_claimed(ids, leased)
        return _in_order([{**document, **leased, "attempts": 1} for document in candidates])

    async def _claim_ids(
        self, ids: Sequence[str], token: str, now: datetime, lease: timedelta
    ) -> tuple[OutboxMessage, ...]:
        """Claim those of the ids that no other relay has claimed, by one conditional update."""
        if not ids:
            return ()
        leased = _leased(token, until=now + lease)
        await self._claim_free(ids, leased, now)
        return await self._read_claimed(ids, leased)

    async def _claim_free(
        self, ids: Sequence[str], leased: Document, now: datetime, **known: object
    ) -> int:
        free = {"_id": any_of(ids), "next_at": _until(now), **known}
        change = {"$set": leased, "$inc": {"attempts": 1}}
        return await self.collection.update_and_count(free, change)

    async def _read_claimed(
        self, ids: Sequence[str], leased: Document
    ) -> tuple[OutboxMessage, ...]:
        claimed = {"_id": {"$in": list(ids)}, "claim": leased["claim"]}
        return _in_order(await self.collection.find(claimed))


def _leased(token: str, *, until: datetime) -> Document:
    """The fields of claimed messages. `claim` distinguishes calls with the same token."""
    return {"claim": ObjectId(), "lease": token, "lease_until": until, "next_at": until}


def _in_order(documents: Sequence[Document]) -> tuple[OutboxMessage, ...]:
    return tuple(sorted(map(MESSAGES.from_document, documents), key=lambda e: (e.due_at, e.id)))


def _until(now: datetime) -> Document:
    """The times until now. With a lower end, because smaller engines would first read the messages
    without a time, which are nearly all."""
    return {"$gt": EPOCH, "$lte": now}


def _in_list(wanted: OutboxList) -> Document:
    if wanted is OutboxList.FAILING:
        return {FAILING_KEY: {"$gt": FIRST}}
    return {"state": OUTBOX_STATES[wanted]}


def _due(message_id: str, at: datetime) -> Document:
    """The fields of a message that is due at another time."""
    return {"due_at": at, "next_at": at, "order_key": order_key(at, message_id)}


def _leased_under(message_id: object, token: str) -> Document:
    """Fencing: the filter matches only while the message is leased under `token`. `message_id` is
    an id, or a condition for several."""
    return {"_id": message_id, "state": State.READY, "lease": token}
