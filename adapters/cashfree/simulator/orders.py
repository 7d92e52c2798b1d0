"""Orders: created, fetched and terminated."""

from __future__ import annotations

import json
import re
import secrets
from sqlite3 import Row

from adapters.cashfree.simulator import carts, splits
from adapters.cashfree.simulator.database import Transaction
from adapters.cashfree.simulator.errors import ApiError, invalid, missing, not_found
from adapters.cashfree.simulator.values import (
    Json,
    ist,
    matching,
    milliseconds,
    new_id,
    paise,
    part,
    rupees,
    text,
)

MINUTE = 60_000
DAY = 24 * 60 * MINUTE
LIFETIME_OVER = 15 * MINUTE
LIFETIME_UNDER = 30 * DAY
DEFAULT_LIFETIME = 30 * DAY - MINUTE
ONE_RUPEE = 100

PRODUCTS = {
    name: {"enabled": False, "conditions": []} for name in ("one_click_checkout", "verify_pay")
}
"""Products of the provider that an order can use: none here."""

ORDER_ID = re.compile(r"[A-Za-z0-9_-]{3,45}")
CUSTOMER_ID = re.compile(r"[A-Za-z0-9]{3,50}")
PHONE = re.compile(r"[0-9]{10}")


def create(transaction: Transaction, body: Json) -> dict[str, object]:
    """POST /orders. Raises `ApiError`: 400 for a bad field, 409 for a used id."""
    order_id = _order_id(body)
    amount = paise(body.get("order_amount"), "order_amount")
    if amount < ONE_RUPEE:
        raise invalid("order_amount", "order_amount should be at least 1")
    if body.get("order_currency", "INR") != "INR":
        raise invalid("order_currency", "order_currency should be INR")
    customer, meta = _customer(body), _meta(body)
    expires = _expiry(body, transaction.now)
    if transaction.one("SELECT 1 FROM orders WHERE order_id = ?", order_id):
        raise ApiError(409, "order_already_exists", "an order with this id already exists")
    transaction.run(
        "INSERT INTO orders VALUES (?, ?, ?, ?, 'INR', 'ACTIVE', ?, ?, ?, ?, ?, ?, ?, ?)",
        *(order_id, new_id(), f"session_{secrets.token_urlsafe(48)}payment", amount),
        *(transaction.now, expires, json.dumps(customer), json.dumps(meta)),
        *(text(body, "order_note", 3, 200), _tags(body), carts.parse(body)),
        splits.parse(body, "order_splits", amount),
    )
    return entity(transaction, get(transaction, order_id))


def get(transaction: Transaction, order_id: str) -> Row:
    """The order's row. Raises `ApiError` 404."""
    row = transaction.one("SELECT * FROM orders WHERE order_id = ?", order_id)
    if row is None:
        raise not_found("order")
    return row


def status(transaction: Transaction, order: Row) -> str:
    """The status. EXPIRED is computed and not stored: a late success still makes it PAID."""
    expired = order["state"] == "ACTIVE" and transaction.now >= order["expires"]
    return "EXPIRED" if expired else str(order["state"])


def terminate(transaction: Transaction, order_id: str, body: Json) -> dict[str, object]:
    """PATCH /orders/{order_id}. A pending attempt delays the termination. Raises `ApiError`."""
    order = get(transaction, order_id)
    if body.get("order_status") is None:
        raise missing("order_status")
    if body["order_status"] != "TERMINATED":
        raise invalid("order_status", "order_status should be TERMINATED")
    status_now = status(transaction, order)
    if status_now == "PAID":
        raise ApiError(400, "order_already_paid", "the order is already paid")
    if status_now != "ACTIVE":
        raise ApiError(400, "order_inactive", f"the order is {status_now}")
    state = "TERMINATION_REQUESTED" if has_open_attempt(transaction, order_id) else "TERMINATED"
    set_state(transaction, order_id, state)
    return entity(transaction, get(transaction, order_id))


def set_state(transaction: Transaction, order_id: str, state: str) -> None:
    transaction.run("UPDATE orders SET state = ? WHERE order_id = ?", state, order_id)


def has_open_attempt(transaction: Transaction, order_id: str) -> bool:
    query = "SELECT 1 FROM attempts WHERE order_id = ? AND ended IS NULL"
    return transaction.one(query, order_id) is not None


def entity(transaction: Transaction, order: Row) -> dict[str, object]:
    """The JSON object of the API for an order."""
    return {
        "cf_order_id": order["cf_order_id"],
        "order_id": order["order_id"],
        "entity": "order",
        "order_currency": order["currency"],
        "order_amount": rupees(order["amount"]),
        "order_status": status(transaction, order),
        "payment_session_id": order["session"],
        "order_expiry_time": ist(order["expires"]),
        "order_note": order["note"],
        "created_at": ist(order["created"]),
        "order_splits": splits.entity(order),
        "customer_details": json.loads(order["customer"]),
        "order_meta": json.loads(order["meta"]),
        "order_tags": json.loads(order["tags"]) if order["tags"] else None,
        "cart_details": carts.entity(order),
        "terminal_data": None,
        "products": PRODUCTS,
    }


def _order_id(body: Json) -> str:
    order_id = body.get("order_id", f"order_{new_id()}")
    if not isinstance(order_id, str) or not ORDER_ID.fullmatch(order_id):
        raise invalid("order_id", "order_id should be 3 to 45 letters, digits, _ or -")
    return order_id


def _expiry(body: Json, now: int) -> int:
    if "order_expiry_time" not in body:
        return now + DEFAULT_LIFETIME
    expires = milliseconds(body["order_expiry_time"], "order_expiry_time")
    if not LIFETIME_OVER < expires - now < LIFETIME_UNDER:
        message = "order_expiry_time should be more than 15 minutes and less than 30 days ahead"
        raise invalid("order_expiry_time", message)
    return expires


def _customer(body: Json) -> dict[str, str | None]:
    details = part(body, "customer_details")
    if not details:
        raise missing("customer_details")
    within, rule = "customer_details", "3 to 50 letters and digits"
    return {
        "customer_id": matching(details, "customer_id", CUSTOMER_ID, rule, within=within),
        "customer_name": text(details, "customer_name", 3, 100),
        "customer_email": text(details, "customer_email", 3, 100),
        "customer_phone": matching(details, "customer_phone", PHONE, "ten digits", within=within),
        "customer_uid": None,
    }


def _meta(body: Json) -> dict[str, str | None]:
    meta = part(body, "order_meta")
    urls = {field: text(meta, field, 8, 250) for field in ("return_url", "notify_url")}
    for field, url in urls.items():
        if url is not None and not url.startswith(("https://", "http://")):
            raise invalid(f"order_meta.{field}", f"{field} should be a web address")
    return urls | {"payment_methods": text(meta, "payment_methods", 1, 250)}


def _tags(body: Json) -> str | None:
    tags = part(body, "order_tags")
    valid = all(isinstance(tag, str) and 1 <= len(tag) <= 255 for tag in tags.values())
    if len(tags) > 15 or not valid:
        raise invalid("order_tags", "order_tags should be at most 15 texts of 1 to 255 characters")
    return json.dumps(tags) if tags else None
