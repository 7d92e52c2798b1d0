"""Attempts to pay: begun in the order's life, ended in their own."""

from __future__ import annotations

from dataclasses import dataclass
from sqlite3 import Row

from adapters.cashfree.simulator import events, orders, refunds
from adapters.cashfree.simulator.database import Repositories
from adapters.cashfree.simulator.errors import ApiError, not_found
from adapters.cashfree.simulator.values import ist, new_id, rupees

FINAL = ("SUCCESS", "CANCELLED")
MESSAGES = {
    "SUCCESS": "Simulated payment succeeded",
    "FAILED": "Simulated bank declined the payment",
    "USER_DROPPED": "Customer left the payment",
    "PENDING": "Waiting for the bank",
    "CANCELLED": "Succeeded too late and was reversed",
}
METHOD = {"upi": {"channel": "collect", "upi_id": "customer@simulator"}}


@dataclass(frozen=True, slots=True)
class SearchCriteria:
    """What shall become of the webhook: now, never, twice or delayed (by milliseconds)."""

    webhook: str = "now"
    delay: int = 0


def begin(
    repositories: Repositories, order: Row, criteria: SearchCriteria, *, late: bool = False
) -> Row:
    """A customer chooses how to pay. Raises `ApiError` when the order takes no new attempt.

    `late` stands for an attempt begun in time whose news come only now.
    """
    now_is = orders.status(repositories, order)
    if now_is not in ("ACTIVE", "PAID") and not late:
        raise ApiError(409, "order_inactive", f"the order is {now_is}")
    cf_payment_id = new_id()
    begun = min(repositories.now, order["expires"] - 1) if late else repositories.now
    repositories.run(
        "INSERT INTO attempts VALUES (?, ?, 'PENDING', ?, ?, NULL, NULL, NULL, ?, ?)",
        *(
            cf_payment_id,
            order["order_id"],
            order["amount"],
            begun,
            criteria.webhook,
            criteria.delay,
        ),
    )
    return get(repositories, cf_payment_id)


def get(repositories: Repositories, cf_payment_id: str) -> Row:
    """The attempt's row. Raises `ApiError` 404."""
    row = repositories.one("SELECT * FROM attempts WHERE cf_payment_id = ?", cf_payment_id)
    if row is None:
        raise not_found("payment")
    return row


def settle(
    repositories: Repositories, attempt: Row, status: str, *, in_time: bool = False
) -> list[int]:
    """The bank's word; the ids of the webhooks that tell of it. Raises `ApiError` 409.

    The first success pays the order, a further one is given back at once, and so is one
    after the attempt's own life, unless it is known to be `in_time`.
    """
    if attempt["status"] in FINAL:
        raise ApiError(409, "payment_already_final", f"the payment is {attempt['status']}")
    if status == "PENDING":
        return []
    life = round(repositories.settings.attempt_life_s * 1000)
    if status == "SUCCESS" and not in_time and repositories.now > attempt["begun"] + life:
        status = "CANCELLED"
    repositories.run(
        "UPDATE attempts SET status = ?, ended = ?, settles = NULL WHERE cf_payment_id = ?",
        *(status, repositories.now, attempt["cf_payment_id"]),
    )
    told = events.payment(repositories, get(repositories, attempt["cf_payment_id"]))
    _conclude(repositories, attempt, status)
    return told


def _conclude(repositories: Repositories, attempt: Row, status: str) -> None:
    """What the end of an attempt means for its order, and for money nobody asked for."""
    order = orders.get(repositories, attempt["order_id"])
    extra = status == "SUCCESS" and order["state"] == "PAID"
    if extra or status == "CANCELLED":
        refunds.give_back(repositories, attempt)
    elif status == "SUCCESS":
        orders.move(repositories, order["order_id"], "PAID")
        return
    closing = order["state"] == "TERMINATION_REQUESTED"
    if closing and not orders.has_open_attempt(repositories, order["order_id"]):
        orders.move(repositories, order["order_id"], "TERMINATED")


def settle_later(repositories: Repositories, attempt: Row, status: str, delay: int) -> None:
    """The bank will answer in `delay` milliseconds."""
    repositories.run(
        "UPDATE attempts SET settles = ?, settles_as = ? WHERE cf_payment_id = ?",
        *(repositories.now + delay, status, attempt["cf_payment_id"]),
    )


def settle_due(repositories: Repositories) -> None:
    """End what ends now, and close attempts the bank never answered within their life."""
    for attempt in repositories.all("SELECT * FROM attempts WHERE settles <= ?", repositories.now):
        settle(repositories, attempt, attempt["settles_as"])
    silent = "SELECT * FROM attempts WHERE ended IS NULL AND settles IS NULL AND begun < ?"
    life = round(repositories.settings.attempt_life_s * 1000)
    for attempt in repositories.all(silent, repositories.now - life):
        settle(repositories, attempt, "FAILED")


def of_order(repositories: Repositories, order_id: str) -> list[dict[str, object]]:
    """GET /orders/{order_id}/payments, the latest first. Raises `ApiError` 404."""
    order = orders.get(repositories, order_id)
    query = "SELECT * FROM attempts WHERE order_id = ? ORDER BY begun DESC, rowid DESC"
    return [entity(attempt, order) for attempt in repositories.all(query, order_id)]


def one_of_order(
    repositories: Repositories, order_id: str, cf_payment_id: str
) -> dict[str, object]:
    """GET /orders/{order_id}/payments/{cf_payment_id}. Raises `ApiError` 404."""
    attempt = get(repositories, cf_payment_id)
    if attempt["order_id"] != order_id:
        raise not_found("payment")
    return entity(attempt, orders.get(repositories, order_id))


def entity(attempt: Row, order: Row) -> dict[str, object]:
    """The attempt as the API shows it."""
    failed = attempt["status"] in ("FAILED", "USER_DROPPED")
    return {
        "cf_payment_id": attempt["cf_payment_id"],
        "order_id": order["order_id"],
        "entity": "payment",
        "payment_status": attempt["status"],
        "payment_group": "upi",
        "payment_method": METHOD,
        "payment_amount": rupees(attempt["amount"]),
        "payment_currency": order["currency"],
        "order_amount": rupees(order["amount"]),
        "order_currency": order["currency"],
        "payment_time": ist(attempt["begun"]),
        "payment_completion_time": ist(attempt["ended"]),
        "payment_message": MESSAGES.get(attempt["status"], ""),
        "bank_reference": attempt["cf_payment_id"][-12:],
        "auth_id": None,
        "is_captured": attempt["status"] == "SUCCESS",
        "error_details": events.error_details(attempt["status"]) if failed else None,
        "authorization": None,
        "international_payment": {"international": False},
        "payment_surcharge": None,
        "payment_gateway_details": events.gateway_details(order),
    }
