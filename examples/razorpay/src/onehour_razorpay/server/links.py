"""Payment links and their orders."""

from __future__ import annotations

from onehour_razorpay.server import events
from onehour_razorpay.server.database import Entity, Transaction, new_id
from onehour_razorpay.server.errors import ApiError, unknown_id

EXPIRES_AFTER_S = 15 * 60
"""A link is open for this time at least."""
LEAST = 100
"""In the smallest unit of the currency."""
REFERENCE_LENGTH = 40


def create(transaction: Transaction, body: Entity, *, now: int, public_url: str) -> Entity:
    """POST /payment_links. Raises `ApiError`."""
    amount, expire_by = body.get("amount"), body.get("expire_by", 0)
    reference = body.get("reference_id", "")
    if type(amount) is not int or amount < LEAST:
        raise ApiError("amount: minimum amount allowed is 1.00", field="amount")
    if type(expire_by) is not int or (expire_by and expire_by < now + EXPIRES_AFTER_S):
        raise ApiError("expire_by: timestamp must be atleast 15 minutes in future")
    if not isinstance(reference, str) or len(reference) > REFERENCE_LENGTH:
        raise ApiError("reference_id: the length must be no more than 40", field="reference_id")
    if reference and transaction.all("payment_link", reference):
        raise ApiError(f"payment link with given reference_id ({reference}) already exists")
    link_id = new_id("plink")
    link = {
        "id": link_id,
        "accept_partial": False,
        "amount": amount,
        "amount_paid": 0,
        "callback_method": body.get("callback_method", ""),
        "callback_url": body.get("callback_url", ""),
        "cancelled_at": 0,
        "created_at": now,
        "currency": body.get("currency", "INR"),
        "customer": body.get("customer", {}),
        "description": body.get("description", ""),
        "expire_by": expire_by,
        "expired_at": 0,
        "first_min_partial_amount": 0,
        "notes": body.get("notes") or [],
        "notify": body.get("notify", {"sms": True, "email": True}),
        "payments": None,
        "reference_id": reference,
        "reminder_enable": body.get("reminder_enable", False),
        "reminders": [],
        "short_url": f"{public_url}/l/{link_id}",
        "status": "created",
        "updated_at": now,
        "upi_link": False,
        "user_id": "",
    }
    transaction.add("payment_link", link, parent=reference, due=expire_by or None)
    return link


def get(transaction: Transaction, link_id: str) -> Entity:
    """Raises `ApiError`."""
    link = transaction.find("payment_link", link_id)
    if link is None:
        raise unknown_id()
    return link


def cancel(transaction: Transaction, link_id: str, *, now: int) -> Entity:
    """POST /payment_links/…/cancel: only of one that waits for its payment. Raises `ApiError`."""
    link = get(transaction, link_id)
    if link["status"] != "created":
        raise ApiError(f"Payment link cannot be cancelled: it is {link['status']}")
    return _end(transaction, link, "cancelled", now)


def expire_due(transaction: Transaction, *, now: int) -> None:
    for link in transaction.due("payment_link", now):
        _end(transaction, link, "expired", now)


def order_of(transaction: Transaction, link: Entity, *, now: int) -> Entity:
    """The order of a link, which is made when somebody opens it for the first time."""
    if "order_id" in link:
        found = transaction.find("order", link["order_id"])
        assert found is not None
        return found
    order = {
        "id": new_id("order"),
        "entity": "order",
        "amount": link["amount"],
        "amount_paid": 0,
        "amount_due": link["amount"],
        "currency": link["currency"],
        "receipt": link["reference_id"],
        "offer_id": None,
        "status": "created",
        "attempts": 0,
        "notes": link["notes"],
        "created_at": now,
    }
    transaction.add("order", order, parent=link["id"])
    link["order_id"] = order["id"]
    waits = link["status"] == "created" and link["expire_by"]
    transaction.save(link, due=link["expire_by"] if waits else None)
    return order


def pay(transaction: Transaction, order: Entity, payment: Entity, *, now: int) -> None:
    """The money of `payment` has arrived: it pays the order and, if that still waits, the link."""
    order |= {"amount_paid": order["amount"], "amount_due": 0, "status": "paid"}
    transaction.save(order)
    link = get(transaction, transaction.parent(order["id"]))
    entry = {
        "amount": payment["amount"],
        "created_at": now,
        "method": payment["method"],
        "payment_id": payment["id"],
        "plink_id": link["id"],
        "status": "captured",
    }
    link |= {"amount_paid": link["amount"], "payments": [*(link["payments"] or ()), entry]}
    link["updated_at"] = now
    events.add(transaction, "order.paid", payment=payment, order=order, now=now)
    if link["status"] == "created":
        link["status"] = "paid"
        paid = {"payment_link": link, "order": order, "payment": payment}
        events.add(transaction, "payment_link.paid", now=now, **paid)
    transaction.save(link)


def _end(transaction: Transaction, link: Entity, status: str, now: int) -> Entity:
    link |= {"status": status, f"{status}_at": now, "updated_at": now}
    transaction.save(link)
    events.add(transaction, f"payment_link.{status}", payment_link=link, now=now)
    return link
