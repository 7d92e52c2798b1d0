"""Payments and the inbox in MongoDB."""

from __future__ import annotations

from collections.abc import Sequence

from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo import ASCENDING, DESCENDING, IndexModel

from adapters.mongo.conditions import filter_of, times_of, without_times
from adapters.mongo.driver import Document, any_of
from adapters.mongo.long_lists import latest_page
from adapters.mongo.mapping import DocumentMapping
from adapters.mongo.repository import (
    MongoRepository,
    VersionedRepository,
    newest_first,
    order_key,
)
from core.payments import Payment
from core.payments_facts import OrderId
from ports.conditions import Condition
from ports.payments import Inbox, Payments, StoredWebhook

UNSETTLED = ["pending", "refunding"]
MATCHES_MAXIMUM = 20
"""An id that several providers gave is found with each of them."""
PAYMENTS = DocumentMapping(
    Payment,
    derived={
        "parties": lambda payment: [payment.client_id, payment.developer_id],
        "order_key": lambda payment: order_key(payment.created_at, payment.id),
        "unsettled": lambda payment: payment.unsettled,
    },
)
WEBHOOKS = DocumentMapping(StoredWebhook)


class MongoPayments(VersionedRepository[Payment], Payments):
    name = "payments"
    mapping = PAYMENTS
    indexes = (
        IndexModel([("order_id", ASCENDING)], name="order_once", unique=True),
        IndexModel([("parties", ASCENDING), ("order_key", DESCENDING)], name="of_account"),
        IndexModel([("order_key", DESCENDING)], name="by_time"),
        IndexModel([("status", ASCENDING), ("order_key", DESCENDING)], name="by_status"),
        IndexModel(
            [("unsettled", ASCENDING), ("_id", ASCENDING)],
            name="unsettled",
            partialFilterExpression={"unsettled": True},
        ),
        IndexModel([("attempts.id", ASCENDING)], name="of_attempt"),
        IndexModel([("refunds.id", ASCENDING)], name="of_refund"),
    )

    @classmethod
    async def complete(cls, collection: AsyncIOMotorCollection[Document]) -> None:
        """Mark the open ones that an earlier version has stored; each is saved with the mark."""
        wanted = {"unsettled": {"$exists": False}, "status": {"$in": UNSETTLED}}
        await collection.update_many(wanted, {"$set": {"unsettled": True}})

    async def unsettled_ids(self, *, after: str = "", limit: int) -> tuple[str, ...]:
        found = await self.collection.find(
            {"unsettled": True, "_id": {"$gt": after}},
            order=[("_id", ASCENDING)],
            limit=limit,
            fields={"_id": 1},
        )
        return tuple(document["_id"] for document in found)

    async def find_by_order(self, order_id: OrderId) -> Payment | None:
        return await self.find_where({"order_id": order_id})

    async def of_orders(self, order_ids: Sequence[str]) -> dict[str, Payment]:
        if not order_ids:
            return {}
        found = await self.collection.find({"order_id": any_of(sorted(set(order_ids)))})
        return {each["order_id"]: PAYMENTS.from_document(each) for each in found}

    async def find_by_provider_id(self, text: str) -> tuple[Payment, ...]:
        """A query per index, because not every engine uses several for one."""
        found: dict[str, Payment] = {}
        for field in ("order_id", "attempts.id", "refunds.id"):
            for document in await self.collection.find({field: text}, limit=MATCHES_MAXIMUM):
                found[document["_id"]] = PAYMENTS.from_document(document)
        return tuple(found.values())

    async def latest(
        self,
        *,
        limit: int = 20,
        cursor: str | None = None,
        where: Sequence[Condition] = (),
    ) -> tuple[tuple[Payment, ...], str | None]:
        return await latest_page(
            self.collection,
            filter_of(without_times(where, "created_at")),
            PAYMENTS,
            now=self.clock.now(),
            limit=limit,
            cursor=cursor,
            times=times_of(where, "created_at"),
        )

    async def of_account(
        self,
        party_ids: tuple[str, ...],
        *,
        limit: int = 20,
        cursor: str | None = None,
        where: Sequence[Condition] = (),
    ) -> tuple[tuple[Payment, ...], str | None]:
        wanted = filter_of(without_times(where, "created_at"), {"parties": any_of(party_ids)})
        return await newest_first(
            self.collection,
            wanted,
            PAYMENTS,
            limit=limit,
            cursor=cursor,
            times=times_of(where, "created_at"),
        )


class MongoInbox(MongoRepository, Inbox):
    """Webhooks are never removed, because the raw messages are evidence."""

    name = "inbox"
    indexes = (
        IndexModel(
            [("order_id", ASCENDING), ("at", ASCENDING), ("_id", ASCENDING)], name="of_order"
        ),
    )

    async def add(self, webhook: StoredWebhook) -> None:
        await self.collection.insert(WEBHOOKS.to_document(webhook))

    async def of_order(self, order_id: str, *, limit: int) -> tuple[StoredWebhook, ...]:
        order = [("at", ASCENDING), ("_id", ASCENDING)]
        found = await self.collection.find({"order_id": order_id}, order=order, limit=limit)
        return tuple(WEBHOOKS.from_document(document) for document in found)
