"""The ledger entries of the house, each made from the fact it stands for."""

from __future__ import annotations

from datetime import datetime

from core.bookings import Booking
from core.money import Money
from core.payments import Attempt, Payment, Refund, RefundFact
from core.transactions import (
    FEES,
    Kind,
    Line,
    Transaction,
    TransactionId,
    earnings,
    escrow,
    gateway,
    movement,
    suspense,
    unapplied,
)


def collected(payment: Payment, success: Attempt, booking: Booking, at: datetime) -> Transaction:
    """The client's money has arrived and is held for the booking."""
    return _of_payment(
        payment,
        Kind.PAY,
        f"pay:{payment.provider}:{success.id}",
        movement(payment.amount, source=gateway(payment.provider), target=escrow(booking.id)),
        f"{booking.hours} h with {booking.developer.name}, paid by {booking.client.name}",
        at,
    )


def paid_twice(payment: Payment, extra: Attempt, at: datetime) -> Transaction:
    """A second success: money that belongs to nobody here."""
    return _of_payment(
        payment,
        Kind.EXTRA,
        f"pay:{payment.provider}:{extra.id}",
        movement(extra.amount, source=gateway(payment.provider), target=unapplied(payment.id)),
        "Paid a second time; the payment provider returns it",
        at,
    )


def held_back(payment: Payment, attempt: Attempt, at: datetime) -> Transaction:
    """Money of another amount than was asked for: it is here, and pays nothing."""
    return _of_payment(
        payment,
        Kind.SUSPENSE,
        f"pay:{payment.provider}:{attempt.id}",
        movement(attempt.amount, source=gateway(payment.provider), target=suspense(payment.id)),
        "Not the amount that was asked for; waits for a decision",
        at,
    )


def returned(payment: Payment, fact: RefundFact, at: datetime) -> Transaction:
    """The provider has given money back by itself: a second success, or one held back."""
    kept = suspense(payment.id) if payment.mismatch else unapplied(payment.id)
    return _of_payment(
        payment,
        Kind.REFUND,
        f"refund:{payment.provider}:{fact.id}",
        movement(fact.amount, source=kept, target=gateway(payment.provider)),
        "Returned by the payment provider",
        at,
    )


def refunded(payment: Payment, refund: Refund, at: datetime) -> Transaction:
    """The provider has confirmed a refund we asked for."""
    return _of_payment(
        payment,
        Kind.REFUND,
        f"refund:{refund.id}",
        movement(
            refund.amount, source=escrow(payment.booking_id), target=gateway(payment.provider)
        ),
        refund.reason,
        at,
    )


def released(booking: Booking, amount: Money, at: datetime) -> Transaction:
    """Held money becomes the developer's earning and our fee, which together are `amount`."""
    fee = amount.percent(booking.terms.fee_percent)
    return Transaction(
        id=TransactionId(f"release:{booking.id}"),
        kind=Kind.RELEASE,
        at=at,
        lines=(
            Line(escrow(booking.id), -amount),
            Line(earnings(booking.developer.id), amount - fee),
            Line(FEES, fee),
        ),
        description=f"{booking.hours} h for {booking.client.name}",
        booking_id=booking.id,
        client_id=booking.client.id,
        developer_id=booking.developer.id,
    )


def _of_payment(
    payment: Payment,
    kind: Kind,
    entry_id: str,
    lines: tuple[Line, ...],
    description: str,
    at: datetime,
) -> Transaction:
    return Transaction(
        id=TransactionId(entry_id),
        kind=kind,
        at=at,
        lines=lines,
        description=description,
        booking_id=payment.booking_id,
        client_id=payment.client_id,
        developer_id=payment.developer_id,
    )
