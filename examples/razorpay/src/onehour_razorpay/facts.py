"""What Razorpay's entities mean. Unknown values are logged, and never taken for money."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from onehour.api import (
    Attempt,
    AttemptStatus,
    GatewayUnavailable,
    Money,
    OrderStatus,
    RefundFact,
    RefundStatus,
)
from onehour_razorpay.wire import Entity

log = logging.getLogger(__name__)

S = TypeVar("S", bound=StrEnum)

LINK_STATUS = {
    "created": OrderStatus.OPEN,
    "partially_paid": OrderStatus.OPEN,  # not possible: our links take no parts
    "paid": OrderStatus.PAID,
    "expired": OrderStatus.EXPIRED,
    "cancelled": OrderStatus.CLOSED,
}
PAYMENT_STATUS = {
    "created": AttemptStatus.PENDING,
    "authorized": AttemptStatus.PENDING,  # the bank has agreed; the money is not ours yet
    "captured": AttemptStatus.SUCCESS,
    "refunded": AttemptStatus.SUCCESS,  # if it was captured before, see `attempt`
    "failed": AttemptStatus.FAILED,  # a late authorisation may still follow
}
REFUND_STATUS = {
    "pending": RefundStatus.SENT,
    "processed": RefundStatus.SUCCEEDED,
    "failed": RefundStatus.FAILED,
}
LEFT_BY_CUSTOMER = "payment_cancelled"
"""The reason of a failure: the customer has closed the payment page."""
UNDER_WAY = (AttemptStatus.PENDING, AttemptStatus.FLAGGED)


def attempts(payments: list[Entity]) -> tuple[Attempt, ...]:
    """All attempts of an order."""
    paid = any(captured(payment) for payment in payments)
    return tuple(attempt(payment, order_is_paid=paid) for payment in payments)


def attempt(payment: Entity, *, order_is_paid: bool) -> Attempt:
    """One attempt. An unknown status is `FLAGGED`: it is asked for again.

    Razorpay refunds by itself what it never captured: a duplicate payment of a paid order, and one
    that was authorised too late. The first is the port's second success; the second is no success,
    as the money is on its way back and nothing else has paid the order.
    """
    status = _known(PAYMENT_STATUS, payment, "payment", AttemptStatus.FLAGGED)
    if payment.get("status") == "refunded" and not captured(payment):
        status = AttemptStatus.SUCCESS if order_is_paid else AttemptStatus.FAILED
    if status is AttemptStatus.FAILED and payment.get("error_reason") == LEFT_BY_CUSTOMER:
        status = AttemptStatus.DROPPED
    return Attempt(
        id=identifier(payment),
        status=status,
        amount=money(payment),
        at=_moment(payment),
        method=text(payment, "method"),
    )


def captured(payment: Entity) -> bool:
    """Whether the money of this payment has become ours, also if it was refunded since."""
    return payment.get("captured") is True


def order_status(link: Entity, found: tuple[Attempt, ...]) -> OrderStatus:
    """The status of an order: what its attempts say comes before what its link says, because an
    attempt that was begun in time may end after the link. An unknown status counts as open: no
    money moves, and the order is fetched again."""
    if any(each.status is AttemptStatus.SUCCESS for each in found):
        return OrderStatus.PAID
    status = _known(LINK_STATUS, link, "payment link", OrderStatus.OPEN)
    if status is OrderStatus.CLOSED and any(each.status in UNDER_WAY for each in found):
        return OrderStatus.CLOSING
    return status


def refund(entity: Entity, payment: Entity) -> RefundFact:
    """One refund. `ours` is empty for one that Razorpay, or somebody in its dashboard, has made."""
    ours = text(entity, "receipt")
    if captured(payment) and not ours:
        log.warning("refund %s was not made by this site", entity.get("id"))
    return RefundFact(
        id=identifier(entity),
        ours=ours,
        attempt_id=identifier(payment),
        amount=money(entity),
        status=_known(REFUND_STATUS, entity, "refund", RefundStatus.SENT),
    )


def money(entity: Entity) -> Money:
    """The amount, in the smallest unit of its currency. Raises `GatewayUnavailable` for a malformed
    one, so that the caller tries again."""
    amount, currency = entity.get("amount"), entity.get("currency")
    if type(amount) is not int or amount < 0 or not (isinstance(currency, str) and currency):
        raise _malformed(entity, "amount")
    return Money(amount, currency)


def identifier(entity: Entity) -> str:
    """The id. Raises `GatewayUnavailable` without one."""
    found = text(entity, "id")
    if not found:
        raise _malformed(entity, "id")
    return found


def text(entity: Entity, field: str) -> str:
    """A field as text, empty if it is missing or no text."""
    value = entity.get(field)
    return value if isinstance(value, str) else ""


def _moment(entity: Entity) -> datetime:
    at = entity.get("created_at")
    if type(at) is not int or not 0 < at < 10**11:
        raise _malformed(entity, "created_at")
    return datetime.fromtimestamp(at, UTC)


def _known(table: dict[str, S], entity: Entity, what: str, otherwise: S) -> S:
    value = text(entity, "status")
    if value not in table:
        log.warning("Razorpay sent the unknown status %r of a %s", value, what)
    return table.get(value, otherwise)


def _malformed(entity: Entity, field: str) -> GatewayUnavailable:
    log.error("Razorpay sent %s with a malformed %s", entity.get("id"), field)
    return GatewayUnavailable()
