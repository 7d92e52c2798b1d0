"""Refunds: requested by the merchant, or made automatically by the provider."""

from __future__ import annotations

import re
from dataclasses import dataclass
from sqlite3 import Row

from adapters.cashfree.simulator import events, orders, settlements, splits
from adapters.cashfree.simulator.database import Transaction
from adapters.cashfree.simulator.errors import ApiError, invalid, not_found
from adapters.cashfree.simulator.refund_entities import SPEEDS, STANDARD, entity, speed
from adapters.cashfree.simulator.values import Json, matching, new_id, paise, text

REFUND_ID = re.compile(r"[A-Za-z0-9]{3,40}")
FORCED = {"SUCCESS": "SUCCESS", "FAILED": "CANCELLED", "PENDING": "PENDING", "ACTIVE": "PENDING"}
"""A refund note that is one of these words sets the final status of the refund. One that the bank
does not execute is CANCELLED; the API has no FAILED."""
INSERT = "INSERT INTO refunds VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


def create(transaction: Transaction, order_id: str, body: Json) -> dict[str, object]:
    """POST /orders/{order_id}/refunds. A repeated request finds the same refund.

    Raises `ApiError`: 400 for a bad field or too much money, 404, 409 for a used id.
    """
    order = orders.get(transaction, order_id)
    wanted = _wanted(body)
    existing = _find(transaction, order_id, wanted.refund_id)
    if existing is None:
        existing = _begin(transaction, order, wanted)
    elif not wanted.made(existing):
        raise ApiError(409, "refund_id_already_exists", "refund_id was used for another refund")
    return entity(existing)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A valid request for a refund."""

    refund_id: str
    amount: int
    note: str | None
    speed: str
    splits: str | None

    def made(self, refund: Row) -> bool:
        """Whether it was this request that made the refund."""
        made = (refund["amount"], refund["note"], speed(refund), refund["splits"])
        return made == (self.amount, self.note, self.speed, self.splits)


def _wanted(body: Json) -> _Wanted:
    refund_id = matching(body, "refund_id", REFUND_ID, "3 to 40 letters and digits")
    amount = paise(body.get("refund_amount"), "refund_amount")
    wanted_speed = body.get("refund_speed") or STANDARD
    if wanted_speed not in SPEEDS:
        raise invalid("refund_speed", f"refund_speed should be one of {', '.join(SPEEDS)}")
    return _Wanted(
        refund_id=refund_id,
        amount=amount,
        note=text(body, "refund_note", 3, 100),
        speed=str(wanted_speed),
        splits=splits.parse(body, "refund_splits", amount),
    )


def _begin(transaction: Transaction, order: Row, wanted: _Wanted) -> Row:
    paid_by = _paid_by(transaction, order)
    if wanted.amount > paid_by["amount"] - _refunded(transaction, order["order_id"]):
        raise invalid("refund_amount", "refund_amount is more than what is left of the payment")
    forced = FORCED.get(wanted.note or "")
    status = forced or "PENDING"
    processed = transaction.now if status != "PENDING" else None
    settles = None if forced else transaction.after(transaction.settings.refund_delay_s)
    cf_refund_id, paid = new_id(), paid_by["cf_payment_id"]
    ids = (cf_refund_id, wanted.refund_id, order["order_id"], paid, "MERCHANT_INITIATED")
    state = (wanted.amount, wanted.note, status, transaction.now, processed, settles)
    transaction.run(INSERT, *ids, *state, wanted.speed, wanted.splits)
    refund = get(transaction, cf_refund_id)
    if processed:
        _ended(transaction, refund)
    return refund


def refund_automatically(transaction: Transaction, attempt: Row) -> None:
    """An automatic refund of a payment, at once and in full."""
    cf_refund_id = new_id()
    ids = (cf_refund_id, None, attempt["order_id"], attempt["cf_payment_id"])
    rest = (attempt["amount"], "payment after the order was paid or over", "SUCCESS")
    now = transaction.now
    transaction.run(INSERT, *ids, "PAYMENT_AUTO_REFUND", *rest, now, now, None, STANDARD, None)
    settlements.owe(transaction, "REFUND", cf_refund_id)
    events.auto_refund(transaction, get(transaction, cf_refund_id))


def settle_due(transaction: Transaction) -> None:
    """Complete the refunds that are due."""
    for refund in transaction.all("SELECT * FROM refunds WHERE settles <= ?", transaction.now):
        transaction.run(
            "UPDATE refunds SET status = 'SUCCESS', processed = ?, settles = NULL"
            " WHERE cf_refund_id = ?",
            *(transaction.now, refund["cf_refund_id"]),
        )
        _ended(transaction, get(transaction, refund["cf_refund_id"]))


def _ended(transaction: Transaction, refund: Row) -> None:
    if refund["status"] == "SUCCESS":
        settlements.owe(transaction, "REFUND", refund["cf_refund_id"])
    events.refund(transaction, refund)


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
        " AND kind = 'MERCHANT_INITIATED' AND status <> 'CANCELLED'",
        order_id,
    )
    return int(row["total"]) if row else 0
