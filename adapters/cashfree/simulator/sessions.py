"""Payments without the checkout page: POST /orders/sessions and /simulate."""

from __future__ import annotations

from adapters.cashfree.simulator import attempts, methods, orders
from adapters.cashfree.simulator.database import Transaction
from adapters.cashfree.simulator.errors import ApiError, invalid, missing, not_found
from adapters.cashfree.simulator.values import Json, new_id, part, rupees

TEST_ADDRESSES = {"testsuccess@gocash": "SUCCESS", "testfailure@gocash": "FAILED"}
"""UPI addresses with a fixed outcome, after one second."""
OUTCOME_AFTER_S = 1.0
OUTCOMES = ("SUCCESS", "FAILED", "PENDING", "USER_DROPPED")


def pay(transaction: Transaction, body: Json) -> dict[str, object]:
    """POST /orders/sessions: start an attempt. Raises `ApiError`."""
    session = body.get("payment_session_id")
    if session is None:
        raise missing("payment_session_id")
    order = transaction.one("SELECT * FROM orders WHERE session = ?", str(session))
    if order is None:
        raise invalid("payment_session_id", "payment_session_id is not known")
    method = methods.parse(part(body, "payment_method"))
    if orders.status(transaction, order) != "ACTIVE":
        raise ApiError(400, "order_inactive", "the order takes no more payments")
    attempt = attempts.begin(transaction, order, attempts.WebhookMode(), method=method)
    if method.upi_address in TEST_ADDRESSES:
        delay = transaction.after(OUTCOME_AFTER_S) - transaction.now
        attempts.settle_later(transaction, attempt, TEST_ADDRESSES[method.upi_address], delay)
    page = f"{transaction.settings.public_url}/checkout/{order['session']}"
    return {
        "cf_payment_id": attempt["cf_payment_id"],
        "payment_amount": rupees(attempt["amount"]),
        "payment_method": method.name,
        "channel": method.channel,
        "action": "custom" if method.channel == "collect" else "link",
        "data": {
            "url": None if method.channel == "collect" else page,
            "payload": None,
            "content_type": None,
            "method": None,
        },
    }


def simulate(transaction: Transaction, body: Json) -> dict[str, object]:
    """POST /simulate: set the outcome of an attempt. Raises `ApiError`."""
    if body.get("entity") != "PAYMENTS":
        raise ApiError(400, "entity_unsupported", "only PAYMENTS can be simulated")
    status = part(body, "entity_simulation").get("payment_status")
    if status not in OUTCOMES:
        raise invalid("entity_simulation.payment_status", "payment_status is not known")
    attempt = attempts.get(transaction, str(body.get("entity_id")))
    attempts.settle(transaction, attempt, str(status))
    simulation_id = f"sim_{new_id()}"
    values = (simulation_id, attempt["cf_payment_id"], status)
    transaction.run("INSERT INTO simulations VALUES (?, ?, ?)", *values)
    return simulation(transaction, simulation_id)


def simulation(transaction: Transaction, simulation_id: str) -> dict[str, object]:
    """GET /simulate/{simulation_id}. Raises `ApiError` 404."""
    row = transaction.one("SELECT * FROM simulations WHERE simulation_id = ?", simulation_id)
    if row is None:
        raise not_found("simulation")
    return {
        "simulation_id": row["simulation_id"],
        "entity": "PAYMENTS",
        "entity_id": row["cf_payment_id"],
        "entity_simulation": {"payment_status": row["status"], "payment_error_code": None},
    }
