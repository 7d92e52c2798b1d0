"""Refunds: requested by the merchant, or made automatically by the provider."""

from __future__ import annotations

import re
from sqlite3 import Row

from adapters.cashfree.simulator import events, orders
from adapters.cashfree.simulator.database import Transaction
from adapters.cashfree.simulator.errors import ApiError, invalid, not_found
from adapters.cashfree.simulator.values import Json, ist, new_id, paise, rupees, text

REFUND_ID = re.compile(r"[A-Za-z0-9]{3,40}")
FORCED = {"SUCCESS": "SUCCESS", "FAILED": "FAILED", "PENDING": "PENDING", "ACTIVE": "PENDING"}
"""A refund note that is one of these words sets the final status of the refund."""
INSERT = "INSERT INTO refunds VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


def create(transaction: Transaction, order_id: str, body: Json) -> dict[str, object]:
    """POST /orders/{order_id}/refunds. A repeated request finds the same refund.

    Raises `ApiError`: 400 for a bad field or too much money, 404, 409 for a used id.
    """
    order = orders.get(transaction, order_id)
    refund_id = body.get("refund_id")
    if not isinstance(refund_id, str) or not REFUND_ID.fullmatch(refund_id):
        raise invalid("refund_id", "refund_id should be 3 to 40 letters and digits")
    amount = paise(body.get("refund_amount"), "refund_amount")
    note = text(body, "refund_note", 3, 100)
    existing = _find(transaction, order_id, refund_id)
    if existing is None:
        existing = _begin(transaction, order, refund_id, amount, note)
    elif (existing["amount"], existing["note"]) != (amount, note):
        raise ApiError(409, "refund_id_already_exists", "refund_id was used for another refund")
    return entity(existing)


def _begin(
    transaction: Transaction, order: Row, refund_id: str, amount: int, note: str | None
) -> Row:
    paid_by = _paid_by(transaction, order)
    if amount > paid_by["amount"] - _refunded(transaction, order["order_id"]):
        raise invalid("refund_amount", "refund_amount is more than what is left of the payment")
    forced = FORCED.get(note or "")
    status = forced or "PENDING"
    processed = transaction.now if status != "PENDING" else None
    settles = None if forced else transaction.after(transaction.settings.refund_delay_s)
    cf_refund_id, paid = new_id(), paid_by["cf_payment_id"]
    ids = (cf_refund_id, refund_id, order["order_id"], paid, "MERCHANT_INITIATED")
    transaction.run(INSERT, *ids, amount, note, status, transaction.now, processed, settles)
    refund = get(transaction, cf_refund_id)
    if processed:
        events.refund(transaction, refund)
    return refund


def refund_automatically(transaction: Transaction, attempt: Row) -> None:
    """An automatic refund of a payment, at once and in full."""
    cf_refund_id = new_id()
    ids = (cf_refund_id, None, attempt["order_id"], attempt["cf_payment_id"])
    rest = (attempt["amount"], "payment after the order was paid or over", "SUCCESS")
    transaction.run(
        INSERT, *ids, "PAYMENT_AUTO_REFUND", *rest, transaction.now, transaction.now, None
    )
    events.auto_refund(transaction, get(transaction, cf_refund_id))


def settle_due(transaction: Transaction) -> None:
    """Complete the refunds that are due."""
    for refund in transaction.all("SELECT * FROM refunds WHERE settles <= ?", transaction.now):
        transaction.run(
            "UPDATE refunds SET status = 'SUCCESS', processed = ?, settles = NULL"
            " WHERE cf_refund_id = ?",
            *(transaction.now, refund["cf_refund_id"]),
        )
        events.refund(transaction, get(transaction, refund["cf_refund_id"]))


def get(transaction: Transaction, cf_refund_id: str) -> Row:
    row = transaction.one("SELECT * FROM refunds WHERE cf_refund_id = ?", cf_refund_id)
    if row is None:
        raise not_found("refund")
    return row


def one_of_order(transaction: Transaction, order_id: str, refund_id: str) -> dict[str, object]:
    """GET /orders/{order_id}/refunds/{refund_id}. Raises `ApiError` 404."""
    orders.get(transaction, order_id)
    refund = _find(transaction, order_id, refund_id)
    if refund is None:
        raise not_found("refund")
    return entity(refund)


def of_order(transaction: Transaction, order_id: str) -> list[dict[str, object]]:
    """GET /orders/{order_id}/refunds, including automatic ones. Raises `ApiError` 404."""
    orders.get(transaction, order_id)
    query = "SELECT * FROM refunds WHERE order_id = ? ORDER BY created, rowid"
    return [entity(refund) for refund in transaction.all(query, order_id)]


def entity(refund: Row) -> dict[str, object]:
    """The JSON object of the API for a refund."""
    done = refund["processed"] is not None
    return {
        "cf_refund_id": refund["cf_refund_id"],
        "cf_payment_id": refund["cf_payment_id"],
        "refund_id": refund["refund_id"],
        "order_id": refund["order_id"],
        "entity": "refund",
        "refund_amount": rupees(refund["amount"]),
        "refund_currency": "INR",
        "refund_note": refund["note"],
        "refund_status": refund["status"],
        "refund_type": refund["kind"],
        "refund_arn": refund["cf_refund_id"][-12:] if done else None,
        "refund_charge": rupees(0),
        "refund_mode": "STANDARD",
        "refund_splits": [],
        "status_description": f"Simulated refund is {refund['status']}",
        "metadata": None,
        "created_at": ist(refund["created"]),
        "processed_at": ist(refund["processed"]),
        "refund_speed": {
            "requested": "STANDARD",
            "accepted": "STANDARD",
            "processed": "STANDARD" if done else None,
            "message": None,
        },
    }


def _find(transaction: Transaction, order_id: str, refund_id: str) -> Row | None:
    query = "SELECT * FROM refunds WHERE order_id = ? AND refund_id = ?"
    return transaction.one(query, order_id, refund_id)


def _paid_by(transaction: Transaction, order: Row) -> Row:
    """The attempt that paid the order: the first success that was not refunded automatically."""
    row = transaction.one(
        "SELECT * FROM attempts WHERE order_id = ? AND status = 'SUCCESS' AND NOT EXISTS"
        " (SELECT 1 FROM refunds WHERE refunds.cf_payment_id = attempts.cf_payment_id"
        " AND kind <> 'MERCHANT_INITIATED') ORDER BY ended, rowid",
        order["order_id"],
    )
    if row is None:
        raise ApiError(400, "order_id_not_paid", "the order has no successful payment")
    return row


def _refunded(transaction: Transaction, order_id: str) -> int:
    row = transaction.one(
        "SELECT coalesce(sum(amount), 0) AS total FROM refunds WHERE order_id = ?"
        " AND kind = 'MERCHANT_INITIATED' AND status <> 'FAILED'",
        order_id,
    )
    return int(row["total"]) if row else 0
