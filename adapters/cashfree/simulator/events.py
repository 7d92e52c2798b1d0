"""Webhook bodies, which are stored and sent by the background worker."""

from __future__ import annotations

import json
from sqlite3 import Row

import orjson

from adapters.cashfree.simulator.database import Transaction
from adapters.cashfree.simulator.values import ist, rupees

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
    data = _payment_data(attempt, order)
    if attempt["status"] != "SUCCESS":
        data["error_details"] = error_details(attempt["status"])
    due = transaction.now + (attempt["webhook_delay"] if attempt["webhook"] == "delayed" else 0)
    times = 2 if attempt["webhook"] == "twice" else 1
    return _enqueue(transaction, order, event, data, due=due, times=times)


def refund(transaction: Transaction, row: Row) -> list[int]:
    """Enqueue the webhook of an ended refund; returns its id."""
    data = _refund_data(row) | {
        "refund_id": row["refund_id"],
        "entity": "Refund",
        "refund_note": row["note"],
        "requested_speed": "STANDARD",
        "processed_speed": "STANDARD",
        "service_charge": rupees(0),
        "service_tax": rupees(0),
    }
    order = _order(transaction, row)
    return _enqueue(
        transaction, order, "REFUND_STATUS_WEBHOOK", {"refund": data}, due=transaction.now
    )


def auto_refund(transaction: Transaction, row: Row) -> list[int]:
    """Enqueue the webhook of an automatic refund; returns its id."""
    data = _refund_data(row) | {
        "event": "AUTO-REFUND",
        "bank_reference": row["cf_payment_id"][-12:],
        "refund_reason": row["note"],
        "refund_charge": rupees(0),
    }
    order = _order(transaction, row)
    return _enqueue(
        transaction,
        order,
        "AUTO_REFUND_STATUS_WEBHOOK",
        {"auto_refund": data},
        due=transaction.now,
    )


def error_details(status: str) -> dict[str, object]:
    """The reason why an attempt did not succeed."""
    left = status == "USER_DROPPED"
    return {
        "error_code": "TRANSACTION_DECLINED",
        "error_description": "customer left" if left else "declined by the simulated bank",
        "error_reason": "user_dropped" if left else "auth_declined",
        "error_source": "customer" if left else "bank",
        "error_code_raw": None,
        "error_description_raw": None,
    }


def gateway_details(order: Row) -> dict[str, object]:
    """The details of the processing gateway: always the simulator."""
    return {
        "gateway_name": "CASHFREE",
        "gateway_order_id": order["cf_order_id"],
        "gateway_payment_id": None,
        "gateway_order_reference_id": None,
        "gateway_status_code": None,
        "gateway_settlement": "CASHFREE",
        "gateway_reference_name": None,
    }


def _payment_data(attempt: Row, order: Row) -> dict[str, object]:
    customer = json.loads(order["customer"])
    return {
        "order": {
            "order_id": order["order_id"],
            "order_amount": rupees(order["amount"]),
            "order_currency": order["currency"],
            "order_tags": json.loads(order["tags"]) if order["tags"] else None,
        },
        "payment": {
            "cf_payment_id": attempt["cf_payment_id"],
            "payment_status": attempt["status"],
            "payment_amount": rupees(attempt["amount"]),
            "payment_currency": order["currency"],
            "payment_message": "Simulated payment",
            "payment_time": ist(attempt["begun"]),
            "bank_reference": attempt["cf_payment_id"][-12:],
            "auth_id": None,
            "payment_method": {"upi": {"channel": None, "upi_id": "customer@simulator"}},
            "payment_group": "upi",
            "international_payment": {"international": False},
            "payment_surcharge": None,
        },
        "customer_details": {key: customer[key] for key in customer if key != "customer_uid"},
        "payment_gateway_details": gateway_details(order),
        "payment_offers": None,
    }


def _refund_data(row: Row) -> dict[str, object]:
    return {
        "cf_refund_id": row["cf_refund_id"],
        "cf_payment_id": row["cf_payment_id"],
        "order_id": row["order_id"],
        "refund_amount": rupees(row["amount"]),
        "refund_currency": "INR",
        "refund_type": row["kind"],
        "refund_arn": None,
        "refund_status": row["status"],
        "status_description": f"Simulated refund is {row['status']}",
        "created_at": ist(row["created"]),
        "processed_at": ist(row["processed"]),
        "refund_splits": [],
        "metadata": None,
    }


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
