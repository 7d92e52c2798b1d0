"""Ledger entries: builders for each kind, and posting with audit entries for the parties."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from core.audit import ADMIN, PROVIDER, SYSTEM, audit_message
from core.bookings import Booking
from core.money import Money
from core.outbox import OutboxMessage
from core.payments import Payment, PaymentActivity, Refund
from core.payments_facts import Attempt, RefundFact
from core.timeline import Actor
from core.transactions import (
    FEES,
    PAID_OTHERWISE,
    Kind,
    Line,
    Transaction,
    TransactionId,
    clearing,
    escrow,
    gateway,
    movement,
    suspense,
    unapplied,
)
from ports.store import Repositories
from services.payments.numbering import in_series, issue_messages

ACTIVITY_OF: Mapping[Kind, PaymentActivity] = {
    Kind.PAY: PaymentActivity.BOOKING_PAID,
    Kind.EXTRA: PaymentActivity.PAID_TWICE,
    Kind.SUSPENSE: PaymentActivity.MONEY_HELD_BACK,
    Kind.RELEASE: PaymentActivity.MONEY_RELEASED,
    Kind.REFUND: PaymentActivity.MONEY_REFUNDED,
}


async def post_entry(
    repositories: Repositories,
    entry: Transaction,
    booking: Booking,
    *,
    by: Actor,
    receipt: TransactionId | None = None,
    before: Money | None = None,
) -> None:
    """Add the entry to the ledger, with an audit entry for the client and, for an entry with
    earnings, the developer; its document is issued after the transaction. `receipt` and `before`
    as in `IssueDocument`, for what follows the payment. Raises `Duplicate` for an entry that has
    been posted."""
    audits = _audit_messages(entry, booking, by)
    await add_entry(repositories, entry, booking, *audits, receipt=receipt, before=before)


async def add_entry(
    repositories: Repositories,
    entry: Transaction,
    booking: Booking,
    *audits: OutboxMessage,
    receipt: TransactionId | None = None,
    before: Money | None = None,
) -> None:
    """As `post_entry`, with these audit entries."""
    entry = in_series(entry)
    await repositories.transactions.add(entry)
    await repositories.outbox.add(
        *audits, *issue_messages(entry, booking, receipt=receipt, before=before)
    )


def receipt_entry(payment: Payment) -> TransactionId:
    """The id of the ledger entry with the receipt of a payment that was paid."""
    return TransactionId(f"pay:{payment.provider}:{payment.captured}")


def refund_audit_messages(
    payment: Payment, booking: Booking, by: Actor, at: datetime
) -> Iterator[OutboxMessage]:
    """Audit entries of the due refunds, for the client. The ledger entries follow when the
    provider has confirmed the refunds."""
    for refund in payment.refunds_due:
        yield _audit_message(
            PaymentActivity.REFUND_STARTED, refund.id, booking, refund.amount,
            account=booking.client.account_id, by=by, at=at,
        )  # fmt: skip


def _audit_messages(entry: Transaction, booking: Booking, by: Actor) -> Iterator[OutboxMessage]:
    """The whole amount for the client, the earnings for the developer."""
    client, developer = booking.client.account_id, booking.developer.account_id
    moved = -entry.lines[0].amount  # the first line is the source
    what = ACTIVITY_OF[entry.kind]
    yield _audit_message(what, entry.id, booking, moved, account=client, by=by, at=entry.at)
    for line in entry.lines:
        if line.account == clearing(booking.developer.id):
            share, at = line.amount, entry.at
            yield _audit_message(what, entry.id, booking, share, account=developer, by=by, at=at)


def _audit_message(
    what: PaymentActivity,
    key: str,
    booking: Booking,
    amount: Money,
    *,
    account: str,
    by: Actor,
    at: datetime,
) -> OutboxMessage:
    return audit_message(
        what, key, account=account, at=at, actor=_actor(booking, by),
        booking=booking.id, number=booking.number,
        amount=str(amount.amount), currency=amount.currency,
    )  # fmt: skip


def _actor(booking: Booking, by: Actor) -> str:
    """The acting account's id, or the name of the actor that is no account."""
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
    """The client's payment, from the gateway to the escrow of the booking."""
    return _of_payment(
        payment,
        Kind.PAY,
        f"pay:{payment.provider}:{success.id}",
        movement(payment.amount, source=gateway(payment.provider), target=escrow(booking.id)),
        f"Payment for {booking.hours} h",
        at,
    )


def duplicate_payment_entry(payment: Payment, extra: Attempt, at: datetime) -> Transaction:
    """A second successful attempt: unapplied money that the provider returns."""
    amount = payment.credited(extra.amount)
    return _of_payment(
        payment,
        Kind.EXTRA,
        f"pay:{payment.provider}:{extra.id}",
        movement(amount, source=gateway(payment.provider), target=unapplied(payment.id)),
        "Second payment; the payment provider returns it",
        at,
    )


def suspense_entry(payment: Payment, attempt: Attempt, at: datetime) -> Transaction:
    """A payment of an unexpected amount: suspended until an operator decides."""
    return _of_payment(
        payment,
        Kind.SUSPENSE,
        f"pay:{payment.provider}:{attempt.id}",
        movement(attempt.amount, source=gateway(payment.provider), target=suspense(payment.id)),
        "Not the expected amount; awaits a decision",
        at,
    )


def returned_entry(payment: Payment, fact: RefundFact, at: datetime) -> Transaction:
    """A return that the provider made by itself: of a second payment, or of a suspended one."""
    source = suspense(payment.id) if payment.mismatch else unapplied(payment.id)
    amount = payment.credited(fact.amount)
    return _of_payment(
        payment,
        Kind.REFUND,
        f"refund:{payment.provider}:{fact.id}",
        movement(amount, source=source, target=gateway(payment.provider)),
        "Returned by the payment provider",
        at,
    )


def refund_entry(payment: Payment, refund: Refund, at: datetime) -> Transaction:
    """A refund requested here and confirmed by the provider."""
    return _of_payment(
        payment,
        Kind.REFUND,
        f"refund:{refund.id}",
        movement(
            refund.amount, source=source_of(payment, refund), target=gateway(payment.provider)
        ),
        refund.reason,
        at,
    )


def source_of(payment: Payment, refund: Refund) -> str:
    """The ledger account that a refund is taken from."""
    return suspense(payment.id) if refund.suspended else escrow(payment.booking_id)


def paid_otherwise_entry(payment: Payment, refund: Refund, at: datetime) -> Transaction:
    """A refund that was paid to the client outside of the provider, which keeps what it holds of
    the payment for us. The id is that of `refund_entry`: a refund is booked once, whoever pays."""
    return _of_payment(
        payment,
        Kind.REFUND_OTHERWISE,
        f"refund:{refund.id}",
        movement(refund.amount, source=source_of(payment, refund), target=PAID_OTHERWISE),
        refund.reason,
        at,
    )


def release_entry(booking: Booking, amount: Money, at: datetime) -> Transaction:
    """Release of `amount`: from escrow to the developer's clearing earnings and our fee."""
    fee = amount.percent(booking.terms.fee_percent)
    return Transaction(
        id=TransactionId(f"release:{booking.id}"),
        kind=Kind.RELEASE,
        at=at,
        lines=(
            Line(escrow(booking.id), -amount),
            Line(clearing(booking.developer.id), amount - fee),
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
