"""Refunds that the provider has refused too often: they wait for an administrator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.money import Money
from core.payments import Payment, PaymentId, Refund, RefundId


@dataclass(frozen=True, slots=True)
class StoppedRefund:
    """A refund of a payment in the queue of administrators. `since` is when it was refused the
    last time, in UTC, and `refused` why, in the provider's words; `requests` is how often it was
    requested since somebody asked for it."""

    id: RefundId
    payment_id: PaymentId
    booking_id: str
    amount: Money
    since: datetime
    requests: int
    refused: str = ""
    version: int = 0

    def age(self, now: datetime) -> timedelta:
        """How long it has waited."""
        return now - self.since


def queued(payment: Payment, refund: Refund) -> StoppedRefund:
    """The entry of a stopped refund in the queue."""
    return StoppedRefund(
        refund.id,
        payment.id,
        payment.booking_id,
        refund.amount,
        refund.stopped_at or payment.created_at,
        refund.attempt,
        refund.refused,
    )
