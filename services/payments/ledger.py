"""The ledger entries of the house, each made from the fact it stands for, and how they are booked:
with a record in the audit trail of everyone whose money it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from core.audit import ADMIN, PROVIDER, SYSTEM, audit_message
from core.bookings import Booking
from core.money import Money
from core.outbox import OutboxMessage
from core.payments import Attempt, Payment, Refund, RefundFact
from core.timeline import Actor
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
from ports.store import Repositories

ACTIVITY_OF: Mapping[Kind, str] = {
    Kind.PAY: "booking_paid",
    Kind.EXTRA: "paid_twice",
    Kind.SUSPENSE: "money_held_back",
    Kind.RELEASE: "money_released",
    Kind.REFUND: "money_refunded",
}


async def post_entry(
    repositories: Repositories, entry: Transaction, booking: Booking, *, by: Actor
) -> None:
    """Move money: into the ledger, and on record for the client and, once some of it is theirs,
    for the developer. Raises `Duplicate` for a fact that has been booked."""
    await repositories.transactions.add(entry)
    await repositories.outbox.add(*_on_record(entry, booking, by))


def refund_audit_messages(
    payment: Payment, booking: Booking, by: Actor, at: datetime
) -> Iterator[OutboxMessage]:
    """Refunds that have become due, on the client's record; the ledger follows when they are
    made."""
    for refund in payment.refunds_due:
        yield _moved(
            "refund_owed", refund.id, booking, refund.amount,
            account=booking.client.account_id, by=by, at=at,
        )  # fmt: skip


def _on_record(entry: Transaction, booking: Booking, by: Actor) -> Iterator[OutboxMessage]:
    """The whole amount for the client, the developer's own share for the developer."""
    client, developer = booking.client.account_id, booking.developer.account_id
    moved = -entry.lines[0].amount  # the first line is the source
    what = ACTIVITY_OF[entry.kind]
    yield _moved(what, entry.id, booking, moved, account=client, by=by, at=entry.at)
    for line in entry.lines:
        if line.account == earnings(booking.developer.id):
            share = line.amount
            yield _moved(what, entry.id, booking, share, account=developer, by=by, at=entry.at)


def _moved(
    what: str, key: str, booking: Booking, amount: Money, *, account: str, by: Actor, at: datetime
) -> OutboxMessage:
    return audit_message(
        what, key, account=account, at=at, actor=_actor(booking, by),
        booking=booking.id, amount=str(amount.amount), currency=amount.currency,
    )  # fmt: skip


def _actor(booking: Booking, by: Actor) -> str:
    """Whose account it was, or that it was none."""
    match by:
        case Actor.CLIENT:
            return booking.client.account_id
        case Actor.DEVELOPER:
            return booking.developer.account_id
        case Actor.PROVIDER:
            return PROVIDER
        case Actor.ADMIN:
            return ADMIN
        case Actor.DEADLINE:
            return SYSTEM


def payment_entry(
    payment: Payment, success: Attempt, booking: Booking, at: datetime
) -> Transaction:
    """The client's money has arrived and is held for the booking."""
    return _of_payment(
        payment,
        Kind.PAY,
        f"pay:{payment.provider}:{success.id}",
        movement(payment.amount, source=gateway(payment.provider), target=escrow(booking.id)),
        f"Payment for {booking.hours} h",
        at,
    )


def duplicate_payment_entry(payment: Payment, extra: Attempt, at: datetime) -> Transaction:
    """A second success: money that belongs to nobody here."""
    return _of_payment(
        payment,
        Kind.EXTRA,
        f"pay:{payment.provider}:{extra.id}",
        movement(extra.amount, source=gateway(payment.provider), target=unapplied(payment.id)),
        "Paid a second time; the payment provider returns it",
        at,
    )


def suspense_entry(payment: Payment, attempt: Attempt, at: datetime) -> Transaction:
    """Money of another amount than was asked for: it is here, and pays nothing."""
    return _of_payment(
        payment,
        Kind.SUSPENSE,
        f"pay:{payment.provider}:{attempt.id}",
        movement(attempt.amount, source=gateway(payment.provider), target=suspense(payment.id)),
        "Not the amount that was asked for; waits for a decision",
        at,
    )


def returned_entry(payment: Payment, fact: RefundFact, at: datetime) -> Transaction:
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


def refund_entry(payment: Payment, refund: Refund, at: datetime) -> Transaction:
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


def release_entry(booking: Booking, amount: Money, at: datetime) -> Transaction:
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
        description=f"Release for {booking.hours} h",
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
