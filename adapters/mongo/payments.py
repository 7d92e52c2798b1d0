"""Payments and the inbox in MongoDB."""

from __future__ import annotations

from pymongo import ASCENDING, DESCENDING, IndexModel

from adapters.mongo.mapping import DocumentMapping
from adapters.mongo.repository import (
    MongoRepository,
    VersionedRepository,
    any_of,
    newest_first,
    order_key,
)
from core.payments import Payment
from core.payments_facts import OrderId
from ports.payments import Inbox, Payments, StoredWebhook

PAYMENTS = DocumentMapping(
    Payment,
    derived={
        "parties": lambda payment: [payment.client_id, payment.developer_id],
        "order_key": lambda payment: order_key(payment.created_at, payment.id),
    },
)
WEBHOOKS = DocumentMapping(StoredWebhook)


class MongoPayments(VersionedRepository[Payment], Payments):
    name = "payments"
    mapping = PAYMENTS
    indexes = (
        IndexModel([("order_id", ASCENDING)], name="order_once", unique=True),
        IndexModel([("parties", ASCENDING), ("order_key", DESCENDING)], name="of_account"),
    )

    async def find_by_order(self, order_id: OrderId) -> Payment | None:
        return await self.find_where({"order_id": order_id})

    async def of_account(
        self, party_ids: tuple[str, ...], *, limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[Payment, ...], str | None]:
        wanted = {"parties": any_of(party_ids)}
        return await newest_first(self.collection, wanted, PAYMENTS, limit=limit, cursor=cursor)


class MongoInbox(MongoRepository, Inbox):
    """Webhooks are never removed, because the raw messages are evidence."""

    name = "inbox"

    async def add(self, webhook: StoredWebhook) -> None:
        await self.collection.insert(WEBHOOKS.to_document(webhook))
