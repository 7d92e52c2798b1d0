"""Cashfree's words turned into the house's facts; a new word there never breaks us."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone

from adapters.cashfree.amounts import paise
from core.money import CURRENCY, Money
from core.payments import Attempt, AttemptStatus, OrderStatus, RefundFact, RefundStatus
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
    "CANCELLED": AttemptStatus.FAILED,  # a success given back: the money is not ours
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
BY_ITSELF = frozenset({"PAYMENT_AUTO_REFUND", "UNRECONCILED_AUTO_REFUND"})


def order_status(order: Entity) -> OrderStatus:
    """An unknown status counts as open: nothing moves, and we ask again."""
    said = text(order, "order_status")
    if said not in ORDER_STATUS:
        log.warning("Cashfree calls an order %r, which is unknown here", said)
    return ORDER_STATUS.get(said, OrderStatus.OPEN)


def order_amount(order: Entity) -> Money:
    return amount(order, "order_amount", "order_currency")


def attempt(payment: Entity, *, now: datetime) -> Attempt:
    """One try to pay. An unknown status is flagged: held for a person to look at."""
    said = text(payment, "payment_status")
    if said not in ATTEMPT_STATUS:
        log.warning("Cashfree calls a payment %r, which is unknown here", said)
    return Attempt(
        id=_id(payment, "cf_payment_id"),
        status=ATTEMPT_STATUS.get(said, AttemptStatus.FLAGGED),
        amount=amount(payment, "payment_amount", "payment_currency"),
        at=moment(payment.get("payment_time")) or now,
        method=text(payment, "payment_group"),
    )


def refund(entity: Entity) -> RefundFact:
    """One refund. `ours` stays empty for money Cashfree returned of its own accord."""
    said = text(entity, "refund_status")
    if said not in REFUND_STATUS:
        log.warning("Cashfree calls a refund %r, which is unknown here", said)
    if said == "ONHOLD":
        log.error("Cashfree holds a refund: the refund balance needs a top-up")
    by_itself = text(entity, "refund_type") in BY_ITSELF
    return RefundFact(
        id=_id(entity, "cf_refund_id"),
        ours="" if by_itself else text(entity, "refund_id"),
        attempt_id=text(entity, "cf_payment_id"),
        amount=amount(entity, "refund_amount", "refund_currency"),
        status=REFUND_STATUS.get(said, RefundStatus.SENT),
    )


def amount(entity: Entity, field: str, currency: str) -> Money:
    """Exact money of two fields. Raises `GatewayUnavailable` if there is none to read."""
    with _readable(field):
        return Money(paise(entity.get(field)), text(entity, currency) or CURRENCY)


def text(entity: Entity, field: str) -> str:
    """A field as text, empty when missing. Ids come as strings or numbers, by version."""
    value = entity.get(field)
    return str(value) if isinstance(value, str | int) else ""


def moment(value: object) -> datetime | None:
    """A time in UTC. Cashfree writes Indian time, mostly with its offset."""
    try:
        read = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return (read if read.tzinfo else read.replace(tzinfo=IST)).astimezone(UTC)


def _id(entity: Entity, field: str) -> str:
    with _readable(field):
        if not (found := text(entity, field)):
            raise ValueError("missing")
        return found


@contextmanager
def _readable(field: str) -> Iterator[None]:
    """An entity without its id or amount is no fact; better ask again than believe a part."""
    try:
        yield
    except ValueError as error:
        log.error("Cashfree sent an unreadable %s: %s", field, error)
        raise GatewayUnavailable from error
