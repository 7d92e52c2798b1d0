"""Payment attempts."""

from __future__ import annotations

from dataclasses import dataclass
from sqlite3 import Row

from adapters.cashfree.simulator import events, methods, orders, refunds, settlements
from adapters.cashfree.simulator.database import Transaction
from adapters.cashfree.simulator.errors import ApiError, not_found
from adapters.cashfree.simulator.payment_entities import entity
from adapters.cashfree.simulator.values import new_id

FINAL = ("SUCCESS", "CANCELLED")


@dataclass(frozen=True, slots=True)
class WebhookMode:
    """How the webhook is sent: `now`, `never`, `twice` or `delayed` (`delay` in milliseconds)."""

    webhook: str = "now"
    delay: int = 0


def begin(
    transaction: Transaction,
    order: Row,
    mode: WebhookMode,
    *,
    method: methods.Method = methods.DEFAULT,
    late: bool = False,
    surcharge: int = 0,
) -> Row:
    """Start an attempt of the customer. Raises `ApiError` if the order accepts no new attempt.

    `late`: the attempt counts as started before the order expired. `surcharge` is what the
    customer pays on top for the provider, in paise.
    """
    status_now = orders.status(transaction, order)
    if status_now not in ("ACTIVE", "PAID") and not late:
        raise ApiError(409, "order_inactive", f"the order is {status_now}")
    cf_payment_id = new_id()
    begun = min(transaction.now, order["expires"] - 1) if late else transaction.now
    transaction.run(
        "INSERT INTO attempts VALUES (?, ?, 'PENDING', ?, ?, NULL, NULL, NULL, ?, ?, ?, ?)",
        *(
            cf_payment_id,
            order["order_id"],
            order["amount"] + surcharge,
            begun,
            mode.webhook,
            mode.delay,
            method.to_json(),
            surcharge,
        ),
    )
    return get(transaction, cf_payment_id)


def get(transaction: Transaction, cf_payment_id: str) -> Row:
    """The attempt's row. Raises `ApiError` 404."""
    row = transaction.one("SELECT * FROM attempts WHERE cf_payment_id = ?", cf_payment_id)
    if row is None:
        raise not_found("payment")
    return row


def settle(
    transaction: Transaction, attempt: Row, status: str, *, in_time: bool = False
) -> list[int]:
    """End an attempt with this status; returns the ids of its webhooks. Raises `ApiError` 409.

    The first success pays the order. A second one is refunded at once, and so is one after the
    lifetime of the attempt, unless `in_time`.
    """
    if attempt["status"] in FINAL:
        raise ApiError(409, "payment_already_final", f"the payment is {attempt['status']}")
    if status == "PENDING":
        return []
    life = round(transaction.settings.attempt_life_s * 1000)
    if status == "SUCCESS" and not in_time and transaction.now > attempt["begun"] + life:
        status = "CANCELLED"
    transaction.run(
        "UPDATE attempts SET status = ?, ended = ?, settles = NULL WHERE cf_payment_id = ?",
        *(status, transaction.now, attempt["cf_payment_id"]),
    )
    if status == "SUCCESS":
        settlements.owe(transaction, "PAYMENT", attempt["cf_payment_id"])
    webhook_ids = events.payment(transaction, get(transaction, attempt["cf_payment_id"]))
    _update_order(transaction, attempt, status)
    return webhook_ids


def _update_order(transaction: Transaction, attempt: Row, status: str) -> None:
    """Update the order after the end of an attempt, and refund unwanted money."""
    order = orders.get(transaction, attempt["order_id"])
    extra = status == "SUCCESS" and order["state"] == "PAID"
    if extra or status == "CANCELLED":
        refunds.refund_automatically(transaction, attempt)
    elif status == "SUCCESS":
        orders.set_state(transaction, order["order_id"], "PAID")
        return
    closing = order["state"] == "TERMINATION_REQUESTED"
    if closing and not orders.has_open_attempt(transaction, order["order_id"]):
        orders.set_state(transaction, order["order_id"], "TERMINATED")


def settle_later(transaction: Transaction, attempt: Row, status: str, delay: int) -> None:
    """End the attempt in `delay` milliseconds."""
    transaction.run(
        "UPDATE attempts SET settles = ?, settles_as = ? WHERE cf_payment_id = ?",
        *(transaction.now + delay, status, attempt["cf_payment_id"]),
    )


def settle_due(transaction: Transaction) -> None:
    """End the attempts that are due, and those without a result after their lifetime."""
    for attempt in transaction.all("SELECT * FROM attempts WHERE settles <= ?", transaction.now):
        settle(transaction, attempt, attempt["settles_as"])
    expired = "SELECT * FROM attempts WHERE ended IS NULL AND settles IS NULL AND begun < ?"
    life = round(transaction.settings.attempt_life_s * 1000)
    for attempt in transaction.all(expired, transaction.now - life):
        settle(transaction, attempt, "FAILED")


def of_order(transaction: Transaction, order_id: str) -> list[dict[str, object]]:
    """GET /orders/{order_id}/payments, latest first. Raises `ApiError` 404."""
    order = orders.get(transaction, order_id)
    query = "SELECT * FROM attempts WHERE order_id = ? ORDER BY begun DESC, rowid DESC"
    return [entity(attempt, order) for attempt in transaction.all(query, order_id)]


def one_of_order(transaction: Transaction, order_id: str, cf_payment_id: str) -> dict[str, object]:
    """GET /orders/{order_id}/payments/{cf_payment_id}. Raises `ApiError` 404."""
    attempt = get(transaction, cf_payment_id)
    if attempt["order_id"] != order_id:
        raise not_found("payment")
    return entity(attempt, orders.get(transaction, order_id))
