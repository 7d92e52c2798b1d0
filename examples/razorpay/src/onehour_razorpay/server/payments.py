"""Attempts to pay, and refunds."""

from __future__ import annotations

import json

from onehour_razorpay.server import events, links
from onehour_razorpay.server.database import Entity, Transaction, new_id
from onehour_razorpay.server.errors import ApiError, unknown_id

REASONS = {"failed": "payment_failed", "dropped": "payment_cancelled"}
"""The `error_reason` of a failed attempt."""
OPEN = ("created", "authorized")
KEY_LENGTH = 10


def begin(transaction: Transaction, link: Entity, method: str, *, now: int) -> Entity:
    """A customer has given the details of a payment; the bank has not answered yet."""
    order = links.order_of(transaction, link, now=now)
    payment = {
        "id": new_id("pay"),
        "entity": "payment",
        "amount": link["amount"],
        "currency": link["currency"],
        "status": "created",
        "order_id": order["id"],
        "invoice_id": None,
        "international": False,
        "method": method,
        "amount_refunded": 0,
        "refund_status": None,
        "captured": False,
        "description": f"#{link['id'].removeprefix('plink_')}",
        "email": link["customer"].get("email"),
        "contact": link["customer"].get("contact"),
        "notes": link["notes"],
        "fee": None,
        "tax": None,
        "error_code": None,
        "error_description": None,
        "error_source": None,
        "error_step": None,
        "error_reason": None,
        "created_at": now,
    }
    transaction.add("payment", payment, parent=order["id"])
    order |= {"attempts": order["attempts"] + 1}
    order["status"] = "paid" if order["status"] == "paid" else "attempted"
    transaction.save(order)
    return payment


def end(transaction: Transaction, payment_id: str, outcome: str, *, now: int) -> Entity:
    """The bank has answered: `success`, `failed` or `dropped`. Raises `ApiError` for a payment that
    has ended well already; a failed one may still succeed."""
    payment = get(transaction, payment_id)
    if payment["captured"] or payment["status"] == "refunded":
        raise ApiError("This payment has already been captured")
    if outcome != "success":
        return _fail(transaction, payment, outcome, now)
    payment |= {name: None for name in payment if name.startswith("error_")}
    payment["status"] = "authorized"
    events.add(transaction, "payment.authorized", payment=payment, now=now)
    order = transaction.find("order", payment["order_id"])
    assert order is not None
    if order["status"] == "paid":
        _return(transaction, payment, now)
    else:
        payment |= {"status": "captured", "captured": True, "fee": 0, "tax": 0}
        transaction.save(payment)
        events.add(transaction, "payment.captured", payment=payment, now=now)
        links.pay(transaction, order, payment, now=now)
    return payment


def get(transaction: Transaction, payment_id: str) -> Entity:
    """Raises `ApiError`."""
    payment = transaction.find("payment", payment_id)
    if payment is None:
        raise unknown_id()
    return payment


def end_later(transaction: Transaction, payment: Entity, *, at: float) -> None:
    transaction.save(payment, due=at)


def end_due(transaction: Transaction, *, now: int) -> None:
    for payment in transaction.due("payment", now):
        end(transaction, payment["id"], "success", now=now)


def refund(
    transaction: Transaction, payment_id: str, body: Entity, *, key: str, now: int, takes_s: float
) -> Entity:
    """POST /payments/…/refund. With the same `key` again, the answer to the first request. Raises
    `ApiError`."""
    payment = get(transaction, payment_id)
    if key and len(key) < KEY_LENGTH:
        raise ApiError("The idempotency key must be at least 10 characters long")
    request = json.dumps([payment_id, body], sort_keys=True)
    if key and (first := transaction.find("request", key)):
        if first["request"] != request:
            raise ApiError(
                "Different request with the same idempotency key has already been processed."
            )
        found = transaction.find("refund", first["refund"])
        assert found is not None
        return found
    amount = body.get("amount", payment["amount"] - payment["amount_refunded"])
    _check_refund(payment, amount)
    made = _new_refund(payment, amount, "pending", now) | {
        "notes": body.get("notes") or [],
        "receipt": body.get("receipt"),
    }
    transaction.add("refund", made, parent=payment_id, due=now + takes_s)
    if key:
        transaction.add("request", {"id": key, "request": request, "refund": made["id"]})
    _count(transaction, payment, amount)
    events.add(transaction, "refund.created", refund=made, payment=payment, now=now)
    return made


def end_due_refunds(transaction: Transaction, *, now: int) -> None:
    for made in transaction.due("refund", now):
        made["status"] = "processed"
        transaction.save(made)
        payment = get(transaction, made["payment_id"])
        events.add(transaction, "refund.processed", refund=made, payment=payment, now=now)


def return_uncaptured(transaction: Transaction, payment_id: str, *, now: int) -> None:
    """Raises `ApiError` for a payment that is not waiting."""
    payment = get(transaction, payment_id)
    if payment["status"] not in OPEN:
        raise ApiError(f"The payment is {payment['status']}")
    payment["status"] = "authorized"
    events.add(transaction, "payment.authorized", payment=payment, now=now)
    _return(transaction, payment, now)


def _fail(transaction: Transaction, payment: Entity, outcome: str, now: int) -> Entity:
    payment |= {
        "status": "failed",
        "error_code": "BAD_REQUEST_ERROR",
        "error_description": "The payment was not completed.",
        "error_source": "customer",
        "error_step": "payment_authentication",
        "error_reason": REASONS[outcome],
    }
    transaction.save(payment)
    events.add(transaction, "payment.failed", payment=payment, now=now)
    return payment


def _return(transaction: Transaction, payment: Entity, now: int) -> None:
    """The money goes back at once, and was never captured."""
    made = _new_refund(payment, payment["amount"], "processed", now)
    transaction.add("refund", made, parent=payment["id"])
    _count(transaction, payment, payment["amount"])
    for kind in ("refund.created", "refund.processed"):
        events.add(transaction, kind, refund=made, payment=payment, now=now)


def _check_refund(payment: Entity, amount: object) -> None:
    if not payment["captured"]:
        raise ApiError("The payment status should be captured for action to be taken")
    if type(amount) is not int or amount < links.LEAST:
        raise ApiError("The amount must be at least INR 1.00", field="amount")
    if amount > payment["amount"] - payment["amount_refunded"]:
        raise ApiError(
            "The total refund amount is greater than the refund payment amount", field="amount"
        )


def _count(transaction: Transaction, payment: Entity, amount: int) -> None:
    """What was refunded counts from the request on."""
    payment["amount_refunded"] += amount
    whole = payment["amount_refunded"] == payment["amount"]
    payment["refund_status"] = "full" if whole else "partial"
    payment["status"] = "refunded" if whole else payment["status"]
    transaction.save(payment)


def _new_refund(payment: Entity, amount: int, status: str, now: int) -> Entity:
    return {
        "id": new_id("rfnd"),
        "entity": "refund",
        "amount": amount,
        "currency": payment["currency"],
        "payment_id": payment["id"],
        "notes": [],
        "receipt": None,
        "acquirer_data": {"arn": None},
        "created_at": now,
        "batch_id": None,
        "status": status,
        "speed_processed": "normal",
        "speed_requested": "normal",
    }
