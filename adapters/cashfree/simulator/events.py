"""Webhook bodies, which are stored and sent by the background worker."""

from __future__ import annotations

import json
from sqlite3 import Row

import orjson

from adapters.cashfree.simulator import payment_entities, refund_entities
from adapters.cashfree.simulator.database import Transaction
from adapters.cashfree.simulator.values import ist

PAYMENT_EVENTS = {
    "SUCCESS": "PAYMENT_SUCCESS_WEBHOOK",
    "FAILED": "PAYMENT_FAILED_WEBHOOK",
    "USER_DROPPED": "PAYMENT_USER_DROPPED_WEBHOOK",
}


def payment(transaction: Transaction, attempt: Row) -> list[int]:
    """Enqueue the webhooks of an ended attempt by its webhook mode; returns their ids."""
    event = PAYMENT_EVENTS.get(attempt["status"])
    if event is None or attempt["webhook"] == "never":
        return []
    order = _order(transaction, attempt)
    data = payment_entities.in_webhook(attempt, order)
    due = transaction.now + (attempt["webhook_delay"] if attempt["webhook"] == "delayed" else 0)
    times = 2 if attempt["webhook"] == "twice" else 1
    return _enqueue(transaction, order, event, data, due=due, times=times)


def refund(transaction: Transaction, row: Row) -> list[int]:
    """Enqueue the webhook of an ended refund; returns its id."""
    data = refund_entities.in_webhook(row)
    order = _order(transaction, row)
    return _enqueue(
        transaction, order, "REFUND_STATUS_WEBHOOK", {"refund": data}, due=transaction.now
    )


def auto_refund(transaction: Transaction, row: Row) -> list[int]:
    """Enqueue the webhook of an automatic refund; returns its id."""
    data = refund_entities.automatic_in_webhook(row)
    order = _order(transaction, row)
    return _enqueue(
        transaction,
        order,
        "AUTO_REFUND_STATUS_WEBHOOK",
        {"auto_refund": data},
        due=transaction.now,
    )


def dispute(transaction: Transaction, row: Row, event: str) -> list[int]:
    """Enqueue a webhook about a dispute; returns its id."""
    from adapters.cashfree.simulator import disputes

    data, order = disputes.in_webhook(transaction, row), _order(transaction, row)
    return _enqueue(transaction, order, event, data, due=transaction.now)


def _order(transaction: Transaction, row: Row) -> Row:
    found = transaction.one("SELECT * FROM orders WHERE order_id = ?", row["order_id"])
    if found is None:
        raise LookupError(row["order_id"])
    return found


def _enqueue(
    transaction: Transaction,
    order: Row,
    event: str,
    data: dict[str, object],
    *,
    due: int,
    times: int = 1,
) -> list[int]:
    """Store the webhook in the transaction of the change, so that a crash does not lose it."""
    url = json.loads(order["meta"]).get("notify_url") or transaction.settings.notify_url
    if not url:
        return []
    body = orjson.dumps({"data": data, "event_time": ist(transaction.now), "type": event})
    insert = "INSERT INTO webhooks (url, body, due) VALUES (?, ?, ?)"
    return [transaction.run(insert, url, body, due) for _ in range(times)]
