"""Payments and the inbox in MongoDB."""

from __future__ import annotations

from pymongo import ASCENDING, DESCENDING, IndexModel

from adapters.mongo.collection import Collection, Kept, any_of, newest_first, order_key
from adapters.mongo.rows import Document, View
from adapters.mongo.values import money_in, money_out
from core.payments import (
    Attempt,
    AttemptStatus,
    OrderId,
    Payment,
    PaymentId,
    Refund,
    RefundId,
    RefundStatus,
    Status,
)
from ports.payments import Inbox, Payments, Received


def to_document(payment: Payment) -> Document:
    """`parties` and `order_key` are derived, for the indexes."""
    return {
        "_id": payment.id,
        "version": payment.version,
        "status": payment.status,
        "booking_id": payment.booking_id,
        "client_id": payment.client_id,
        "developer_id": payment.developer_id,
        "amount": money_out(payment.amount),
        "provider": payment.provider,
        "order_id": payment.order_id,
        "order_expires_at": payment.order_expires_at,
        "created_at": payment.created_at,
        "checkout_url": payment.checkout_url,
        "attempts": [_attempt_out(attempt) for attempt in payment.attempts],
        "captured": payment.captured,
        "refunds": [_refund_out(refund) for refund in payment.refunds],
        "mismatch": payment.mismatch,
        "parties": [payment.client_id, payment.developer_id],
        "order_key": order_key(payment.created_at, payment.id),
    }


def from_document(document: Document) -> Payment:
    return Payment(
        id=PaymentId(document["_id"]),
        version=document["version"],
        status=Status(document["status"]),
        booking_id=document["booking_id"],
        client_id=document["client_id"],
        developer_id=document["developer_id"],
        amount=money_in(document["amount"]),
        provider=document["provider"],
        order_id=OrderId(document["order_id"]),
        order_expires_at=document["order_expires_at"],
        created_at=document["created_at"],
        checkout_url=document["checkout_url"],
        attempts=tuple(_attempt_in(attempt) for attempt in document["attempts"]),
        captured=document["captured"],
        refunds=tuple(_refund_in(refund) for refund in document["refunds"]),
        mismatch=document["mismatch"],
    )


def _attempt_out(attempt: Attempt) -> Document:
    return {
        "id": attempt.id,
        "status": attempt.status,
        "amount": money_out(attempt.amount),
        "at": attempt.at,
        "method": attempt.method,
    }


def _attempt_in(document: Document) -> Attempt:
    return Attempt(
        id=document["id"],
        status=AttemptStatus(document["status"]),
        amount=money_in(document["amount"]),
        at=document["at"],
        method=document["method"],
    )


def _refund_out(refund: Refund) -> Document:
    return {
        "id": refund.id,
        "amount": money_out(refund.amount),
        "reason": refund.reason,
        "status": refund.status,
    }


def _refund_in(document: Document) -> Refund:
    return Refund(
        id=RefundId(document["id"]),
        amount=money_in(document["amount"]),
        reason=document["reason"],
        status=RefundStatus(document["status"]),
    )


class MongoPayments(Collection[Payment], Payments):
    name = "payments"
    indexes = (
        IndexModel([("order_id", ASCENDING)], name="order_once", unique=True),
        IndexModel([("parties", ASCENDING), ("order_key", DESCENDING)], name="of_account"),
    )

    def __init__(self, view: View) -> None:
        super().__init__(view, to_document, from_document)

    async def find_by_order(self, order_id: OrderId) -> Payment | None:
        return await self.find_where({"order_id": order_id})

    async def of_account(
        self, party_ids: tuple[str, ...], *, limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[Payment, ...], str | None]:
        wanted = {"parties": any_of(party_ids)}
        return await newest_first(self.rows, wanted, from_document, limit=limit, cursor=cursor)


class MongoInbox(Kept, Inbox):
    """Kept for ever: the raw message is evidence."""

    name = "inbox"

    async def add(self, received: Received) -> None:
        await self.rows.insert(
            {
                "_id": received.id,
                "provider": received.provider,
                "order_id": received.order_id,
                "kind": received.kind,
                "body": received.body,
                "at": received.at,
            }
        )
