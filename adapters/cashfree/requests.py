"""Request bodies and idempotency keys for Cashfree, within the lengths it accepts."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime

from adapters.cashfree.amounts import rupees
from adapters.cashfree.settings import CashfreeSettings
from ports.payments import Customer, Order, RefundOrder

OURS = uuid.uuid5(uuid.NAMESPACE_URL, "onehour:cashfree")
TEN_DIGITS = re.compile(r"[0-9]{10}", re.ASCII)


def new_order(order: Order, settings: CashfreeSettings) -> dict[str, object]:
    """The body of POST /orders. The same order always gives the same body."""
    meta = {"return_url": order.return_url}
    if settings.notify_url:
        meta["notify_url"] = settings.notify_url
    return {
        "order_id": order.id,
        "order_amount": rupees(order.amount),
        "order_currency": order.amount.currency,
        "order_expiry_time": _utc(order.expires_at),
        "customer_details": _customer(order.customer, settings.fallback_phone),
        "order_meta": meta,
        **_note("order_note", order.note, 200),
    }


def new_refund(refund: RefundOrder) -> dict[str, object]:
    """The body of POST /orders/{order_id}/refunds."""
    return {
        "refund_id": refund.id,
        "refund_amount": rupees(refund.amount),
        **_note("refund_note", refund.note, 100),
    }


def key(operation: str, our_id: str) -> str:
    """The idempotency key of an operation on one of our ids: the same for every repeat."""
    return str(uuid.uuid5(OURS, f"{operation}:{our_id}"))


def _customer(customer: Customer, fallback_phone: str) -> dict[str, str]:
    phone = customer.phone or ""
    details = {
        "customer_id": _customer_id(customer.id),
        "customer_phone": phone if TEN_DIGITS.fullmatch(phone) else fallback_phone,
    }
    return (
        details
        | _note("customer_name", customer.name, 100)
        | ({"customer_email": customer.email} if 3 <= len(customer.email) <= 100 else {})
    )


def _customer_id(ours: str) -> str:
    """3 to 50 letters and digits; an id that cannot be converted is replaced by its hash."""
    plain = "".join(char for char in ours if char.isascii() and char.isalnum())
    return plain if 3 <= len(plain) <= 50 else uuid.uuid5(OURS, f"customer:{ours}").hex


def _note(field: str, text: str, longest: int) -> dict[str, str]:
    """A text of at least 3 characters: cut if too long, left out if too short."""
    clipped = text.strip()[:longest].strip()
    return {field: clipped} if len(clipped) >= 3 else {}


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
