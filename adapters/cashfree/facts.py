"""Mapping of Cashfree's JSON to the domain's facts. Unknown values are logged, never an error."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone

from adapters.cashfree.amounts import paise
from core.money import CURRENCY, Money
from core.payments_facts import (
    Attempt,
    AttemptStatus,
    OrderStatus,
    RefundFact,
    RefundStatus,
    gateway_reason,
)
from ports.payments import GatewayUnavailable

log = logging.getLogger(__name__)

Entity = Mapping[str, object]

IST = timezone(timedelta(hours=5, minutes=30))

ORDER_STATUS = {
    "ACTIVE": OrderStatus.OPEN,
    "PAID": OrderStatus.PAID,
    "EXPIRED": OrderStatus.EXPIRED,
    "TERMINATION_REQUESTED": OrderStatus.CLOSING,
    "TERMINATED": OrderStatus.CLOSED,
}
ATTEMPT_STATUS = {
    "NOT_ATTEMPTED": AttemptStatus.PENDING,
    "PENDING": AttemptStatus.PENDING,
    "FLAGGED": AttemptStatus.FLAGGED,
    "USER_DROPPED": AttemptStatus.DROPPED,
    "FAILED": AttemptStatus.FAILED,
    "CANCELLED": AttemptStatus.FAILED,  # a success that was reversed: the money is not ours
    "VOID": AttemptStatus.FAILED,
    "SUCCESS": AttemptStatus.SUCCESS,
}
REFUND_STATUS = {
    "PENDING": RefundStatus.SENT,
    "ONHOLD": RefundStatus.SENT,
    "PENDING_APPROVAL": RefundStatus.SENT,
    "SUCCESS": RefundStatus.SUCCEEDED,
    "CANCELLED": RefundStatus.FAILED,
    "FAILED": RefundStatus.FAILED,
    "REJECTED": RefundStatus.FAILED,
}
AUTOMATIC = frozenset({"PAYMENT_AUTO_REFUND", "UNRECONCILED_AUTO_REFUND"})


def order_status(order: Entity) -> OrderStatus:
    """An unknown status counts as open: no money moves, and the order is fetched again."""
    value = text(order, "order_status")
    if value not in ORDER_STATUS:
        log.warning("Cashfree sent the unknown order status %r", value)
    return ORDER_STATUS.get(value, OrderStatus.OPEN)


def order_amount(order: Entity) -> Money:
    return amount(order, "order_amount", "order_currency")


def attempt(payment: Entity, *, now: datetime) -> Attempt:
    """One attempt to pay. `now` is used if it has no time. An unknown status becomes `FLAGGED`."""
    value = text(payment, "payment_status")
    if value not in ATTEMPT_STATUS:
        log.warning("Cashfree sent the unknown payment status %r", value)
    return Attempt(
        id=_id(payment, "cf_payment_id"),
        status=ATTEMPT_STATUS.get(value, AttemptStatus.FLAGGED),
        amount=amount(payment, "payment_amount", "payment_currency"),
        at=moment(payment.get("payment_time")) or now,
        method=text(payment, "payment_group"),
    )


def refund(entity: Entity) -> RefundFact:
    """One refund. `ours` is empty for an automatic refund of Cashfree."""
    value = text(entity, "refund_status")
    if value not in REFUND_STATUS:
        log.warning("Cashfree sent the unknown refund status %r", value)
    if value == "ONHOLD":
        log.error("Cashfree holds a refund: the refund balance must be topped up")
    automatic = text(entity, "refund_type") in AUTOMATIC
    status = REFUND_STATUS.get(value, RefundStatus.SENT)
    refused = status is RefundStatus.FAILED
    return RefundFact(
        id=_id(entity, "cf_refund_id"),
        ours="" if automatic else text(entity, "refund_id"),
        attempt_id=text(entity, "cf_payment_id"),
        amount=amount(entity, "refund_amount", "refund_currency"),
        status=status,
        reason=gateway_reason(entity.get("status_description")) if refused else "",
    )


def amount(entity: Entity, field: str, currency: str) -> Money:
    """The amount in two fields. Raises `GatewayUnavailable` if it is missing or malformed."""
    with _required(field):
        return Money(paise(entity.get(field)), text(entity, currency) or CURRENCY)


def text(entity: Entity, field: str) -> str:
    """A field as text, empty if missing. Ids are strings or numbers, depending on the version."""
    value = entity.get(field)
    return str(value) if isinstance(value, str | int) else ""


def moment(value: object) -> datetime | None:
    """A time in UTC, or None. Cashfree sends Indian time, mostly with the offset."""
    try:
        parsed = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=IST)).astimezone(UTC)


def _id(entity: Entity, field: str) -> str:
    with _required(field):
        if not (found := text(entity, field)):
            raise ValueError("missing")
        return found


@contextmanager
def _required(field: str) -> Iterator[None]:
    """An entity without a valid id or amount is not used: the caller retries."""
    try:
        yield
    except ValueError as error:
        log.error("Cashfree sent a malformed %s: %s", field, error)
        raise GatewayUnavailable from error
