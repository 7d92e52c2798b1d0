"""Disputes: the bank of a customer questions a payment, the merchant accepts or contests it, and
the control API decides."""

from __future__ import annotations

import json
from sqlite3 import Row

from adapters.cashfree.simulator import attempts, events, orders, settlements
from adapters.cashfree.simulator.database import Transaction
from adapters.cashfree.simulator.errors import ApiError, invalid, missing, not_found
from adapters.cashfree.simulator.values import ist, rupees

TYPES = ("DISPUTE", "RETRIEVAL", "CHARGEBACK", "PRE_ARBITRATION", "ARBITRATION")
STATES = (
    "CREATED",
    "DOCS_RECEIVED",
    "UNDER_REVIEW",
    "MERCHANT_WON",
    "MERCHANT_LOST",
    "MERCHANT_ACCEPTED",
    "INSUFFICIENT_EVIDENCE",
    "SOMETHING_NEW",
)
"""The last one is none of Cashfree: a state that adapters do not know."""
LOST = ("MERCHANT_LOST", "MERCHANT_ACCEPTED")
ENDED = (*LOST, "MERCHANT_WON")
ANSWERABLE = ("CREATED", "INSUFFICIENT_EVIDENCE")
DOCUMENT_TYPES = frozenset(
    {
        "Delivery/Service Proof",
        "Shipping Proof",
        "Statement of Service",
        "Proof of Service Used",
        "Cancellation of Service Proof",
        "Refund Proof",
        "Business model explanation",
        "Extra Charges Declaration",
        "Terms & Conditions",
        "Customer Withdrawal Letter",
        "Certificate of Authenticity",
        "Reseller Agreement",
    }
)
ENDINGS = (".pdf", ".png", ".jpg", ".jpeg")
ANSWER_WITHIN_S = 3 * 24 * 60 * 60


def question(
    transaction: Transaction, order_id: str, amount: int | None, kind: str
) -> tuple[str, list[int]]:
    """The bank questions the payment of an order, by default all of it. Returns the id and the ids
    of the webhooks. Raises `ApiError` 400 for an order that is not paid, and 404."""
    if kind not in TYPES:
        raise invalid("type", f"type should be one of {', '.join(TYPES)}")
    order = orders.get(transaction, order_id)
    paid = transaction.one(
        "SELECT * FROM attempts WHERE order_id = ? AND status = 'SUCCESS' ORDER BY ended, rowid",
        order_id,
    )
    if paid is None:
        raise invalid("order_id", "the order is not paid")
    now = transaction.now
    dispute_id = transaction.run(
        "INSERT INTO disputes (order_id, cf_payment_id, kind, state, amount, created, updated,"
        " respond_by) VALUES (?, ?, ?, 'CREATED', ?, ?, ?, ?)",
        *(order["order_id"], paid["cf_payment_id"], kind, amount or paid["amount"], now, now),
        now + ANSWER_WITHIN_S * 1000,
    )
    row = get(transaction, str(dispute_id))
    return str(dispute_id), events.dispute(transaction, row, "DISPUTE_CREATED")


def decide(
    transaction: Transaction, dispute_id: str, kind: str | None, state: str
) -> tuple[str, list[int]]:
    """The bank's news: a state, and another type for the next instance. Raises `ApiError`."""
    row = get(transaction, dispute_id)
    if state not in STATES:
        raise invalid("status", f"status should be one of {', '.join(STATES)}")
    if kind is not None and kind not in TYPES:
        raise invalid("type", f"type should be one of {', '.join(TYPES)}")
    return dispute_id, _change(transaction, row, kind or row["kind"], state)


def accept(transaction: Transaction, dispute_id: str) -> dict[str, object]:
    """PUT /disputes/{dispute_id}/accept. Raises `ApiError` 404, and 400 for one that ended."""
    row = get(transaction, dispute_id)
    if row["state"] != "MERCHANT_ACCEPTED":
        if row["state"] in ENDED:
            raise ApiError(400, "dispute_closed", "the dispute is closed")
        _change(transaction, row, row["kind"], "MERCHANT_ACCEPTED")
    return entity(transaction, get(transaction, dispute_id))


def add_document(
    transaction: Transaction, dispute_id: str, name: str, kind: str, size: int
) -> list[dict[str, object]]:
    """POST /disputes/{dispute_id}/documents. Raises `ApiError` 404, and 400 for a bad document or
    one that comes too late."""
    row = get(transaction, dispute_id)
    if not size:
        raise missing("file")
    if kind not in DOCUMENT_TYPES:
        raise invalid("doc_type", f"doc_type should be one of {', '.join(sorted(DOCUMENT_TYPES))}")
    if not name.lower().endswith(ENDINGS):
        raise invalid("file", f"file should end with one of {', '.join(ENDINGS)}")
    if row["state"] not in (*ANSWERABLE, "DOCS_RECEIVED") or transaction.now > row["respond_by"]:
        raise ApiError(400, "dispute_closed", "the dispute takes no documents any more")
    transaction.run(
        "INSERT INTO documents (dispute_id, name, kind, size) VALUES (?, ?, ?, ?)",
        *(row["dispute_id"], name, kind, size),
    )
    _change(transaction, row, row["kind"], "DOCS_RECEIVED")
    return [entity(transaction, get(transaction, dispute_id))]


def of_order(transaction: Transaction, order_id: str) -> list[dict[str, object]]:
    """GET /orders/{order_id}/disputes. Raises `ApiError` 404."""
    orders.get(transaction, order_id)
    query = "SELECT * FROM disputes WHERE order_id = ? ORDER BY dispute_id"
    return [entity(transaction, row) for row in transaction.all(query, order_id)]


def of_payment(transaction: Transaction, cf_payment_id: str) -> list[dict[str, object]]:
    """GET /payments/{cf_payment_id}/disputes. Raises `ApiError` 404."""
    attempts.get(transaction, cf_payment_id)
    query = "SELECT * FROM disputes WHERE cf_payment_id = ? ORDER BY dispute_id"
    return [entity(transaction, row) for row in transaction.all(query, cf_payment_id)]


def get(transaction: Transaction, dispute_id: str) -> Row:
    row = transaction.one("SELECT * FROM disputes WHERE dispute_id = ?", dispute_id)
    if row is None:
        raise not_found("dispute")
    return row


def entity(transaction: Transaction, row: Row) -> dict[str, object]:
    """The API's object."""
    order, documents = orders.get(transaction, row["order_id"]), _documents(transaction, row)
    return _common(row) | {
        "dispute_id": row["dispute_id"],
        "dispute_amount_currency": order["currency"],
        "preferred_evidence": [
            {
                "document_type": "Proof of Service Used",
                "document_description": "Records which show that the service was used",
            }
        ],
        "dispute_evidence": [
            {
                "document_id": each["document_id"],
                "document_name": each["name"],
                "document_type": each["kind"],
            }
            for each in documents
        ],
        **details(transaction, row),
    }


def in_webhook(transaction: Transaction, row: Row) -> dict[str, object]:
    """The `data` of a webhook."""
    action = "MERCHANT" if row["state"] in ANSWERABLE else "CASHFREE"
    about = _common(row) | {"dispute_id": str(row["dispute_id"]), "dispute_action_on": action}
    return {"dispute": about, **details(transaction, row)}


def details(transaction: Transaction, row: Row) -> dict[str, object]:
    order = orders.get(transaction, row["order_id"])
    attempt, customer = (
        attempts.get(transaction, row["cf_payment_id"]),
        json.loads(order["customer"]),
    )
    return {
        "order_details": {
            "order_id": order["order_id"],
            "order_amount": rupees(order["amount"]),
            "order_currency": order["currency"],
            "cf_payment_id": row["cf_payment_id"],
            "payment_amount": rupees(attempt["amount"]),
            "payment_currency": order["currency"],
        },
        "customer_details": {
            name: customer.get(name)
            for name in ("customer_name", "customer_phone", "customer_email")
        },
    }


def _common(row: Row) -> dict[str, object]:
    return {
        "dispute_type": row["kind"],
        "reason_code": "13.1",
        "reason_description": "Merchandise / Services Not Received",
        "dispute_amount": rupees(row["amount"]),
        "created_at": ist(row["created"]),
        "updated_at": ist(row["updated"]),
        "respond_by": ist(row["respond_by"]),
        "resolved_at": ist(row["resolved"]),
        "dispute_status": f"{row['kind']}_{row['state']}",
        "cf_dispute_remarks": "Simulated dispute",
    }


def _documents(transaction: Transaction, row: Row) -> list[Row]:
    query = "SELECT * FROM documents WHERE dispute_id = ? ORDER BY document_id"
    return transaction.all(query, row["dispute_id"])


def _change(transaction: Transaction, row: Row, kind: str, state: str) -> list[int]:
    now, ended = transaction.now, state in ENDED
    transaction.run(
        "UPDATE disputes SET kind = ?, state = ?, updated = ?, resolved = ? WHERE dispute_id = ?",
        *(kind, state, now, now if ended else None, row["dispute_id"]),
    )
    if state in LOST:
        settlements.owe(transaction, "DISPUTE", str(row["dispute_id"]))
    event = "DISPUTE_CLOSED" if ended else "DISPUTE_UPDATED"
    return events.dispute(transaction, get(transaction, str(row["dispute_id"])), event)
