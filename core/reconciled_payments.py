"""Compares a payment with the ledger entries and the booking that belong to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from core.bookings import HOLDING, Booking
from core.bookings import Status as BookingStatus
from core.findings import FindingKind
from core.payments import Payment, Refund, Status
from core.payments_facts import RETURNED, RefundStatus
from core.payments_messages import SendRefunds, WebhookReceived
from core.reconciliation import GRACE, SLOW_ANSWER, Difference, moved, words
from core.transactions import PAID_OTHERWISE, Kind, Transaction, escrow, gateway

UNCAPTURED = frozenset({Status.PENDING, Status.EXPIRED})
PAID_BOOKING = frozenset(
    {BookingStatus.REQUESTED, BookingStatus.CONFIRMED, BookingStatus.COMPLETED}
)
ENDED = frozenset({Status.RECEIVED, Status.REFUNDED})


def differences(
    payment: Payment,
    booking: Booking | None,
    entries: Sequence[Transaction],
    *,
    now: datetime,
) -> Iterator[Difference]:
    """`entries` are those of the booking. `now` is in UTC."""
    by_id: dict[str, Transaction] = {entry.id: entry for entry in entries}
    yield from _of_capture(payment, by_id)
    yield from _of_refunds(payment, by_id)
    yield from _of_release(payment, by_id)
    yield from _of_escrow(payment, entries)
    yield from _of_booking(payment, booking)
    yield from open_intents(payment, now=now)


def open_intents(payment: Payment, *, now: datetime) -> Iterator[Difference]:
    """What waits for the provider beyond its time. The repairs ask the provider."""
    ask = WebhookReceived(payment.order_id)
    if payment.open and now > payment.order_expires_at + GRACE:
        yield Difference(
            FindingKind.CHECKOUT_UNSETTLED,
            payment.id,
            f"The checkout ended at {payment.order_expires_at:%Y-%m-%d %H:%M} UTC; no verdict yet.",
            repair=ask,
        )
    for refund in payment.refunds:
        due = refund.due_at or payment.created_at
        if refund.status is RefundStatus.DUE and now > due + GRACE:
            yield Difference(
                FindingKind.REFUND_NOT_SENT,
                payment.id,
                f"{refund.id} of {words(refund.amount)} was due at {due:%Y-%m-%d %H:%M} UTC.",
                refund.id,
                repair=SendRefunds(payment.id),
            )
        if refund.status is RefundStatus.SENT and now > due + SLOW_ANSWER:
            yield Difference(
                FindingKind.REFUND_WITHOUT_VERDICT,
                payment.id,
                f"Refund {refund.id} of {words(refund.amount)} has had no verdict for days.",
                refund.id,
                repair=ask,
            )


def _of_capture(payment: Payment, entries: Mapping[str, Transaction]) -> Iterator[Difference]:
    wanted = {f"pay:{payment.provider}:{payment.captured}": payment.amount}
    if not payment.captured:
        wanted = {}
    for extra in payment.extra_payments if payment.captured or payment.mismatch else ():
        wanted[f"pay:{payment.provider}:{extra.id}"] = payment.credited(extra.amount)
    source = gateway(payment.provider)
    for name, amount in wanted.items():
        entry = entries.get(name)
        if entry is None:
            kind = FindingKind.PAYMENT_ENTRY_MISSING
            yield Difference(kind, payment.id, f"The ledger has no entry {name}.", name)
        elif moved([entry], source, amount.currency) != -amount:
            kind = FindingKind.PAYMENT_ENTRY_WRONG
            yield Difference(kind, payment.id, f"{name} should move {words(amount)}.", name)
    for entry in entries.values():
        incoming = entry.kind in (Kind.PAY, Kind.EXTRA, Kind.SUSPENSE)
        if incoming and entry.id not in wanted:
            kind = FindingKind.PAYMENT_ENTRY_UNFOUNDED
            detail = f"The ledger has {entry.id}, and the payment no such success."
            yield Difference(kind, payment.id, detail, entry.id)


def _of_refunds(payment: Payment, entries: Mapping[str, Transaction]) -> Iterator[Difference]:
    if payment.returned > payment.amount:
        kind = FindingKind.REFUNDED_TOO_MUCH
        detail = f"{words(payment.returned)} are returned of {words(payment.amount)}."
        yield Difference(kind, payment.id, detail)
    for refund in payment.refunds:
        yield from _of_refund(payment, refund, entries.get(f"refund:{refund.id}"))


def _of_refund(payment: Payment, refund: Refund, entry: Transaction | None) -> Iterator[Difference]:
    name, done = f"refund:{refund.id}", refund.status in RETURNED
    if done and entry is None:
        kind = FindingKind.REFUND_ENTRY_MISSING
        yield Difference(kind, payment.id, f"The ledger has no entry {name}.", refund.id)
    elif entry is not None and not done:
        kind = FindingKind.REFUND_ENTRY_UNFOUNDED
        yield Difference(kind, payment.id, f"{name} is booked; it is {refund.status}.", refund.id)
    elif entry is not None:
        outside = refund.status is RefundStatus.PAID_OTHERWISE
        account = PAID_OTHERWISE if outside else gateway(payment.provider)
        back = moved([entry], account, refund.amount.currency)
        if back != refund.amount:
            kind = FindingKind.REFUND_ENTRY_WRONG
            detail = f"{name} should move {words(refund.amount)}."
            yield Difference(kind, payment.id, detail, refund.id)


def _of_release(payment: Payment, entries: Mapping[str, Transaction]) -> Iterator[Difference]:
    released = f"release:{payment.booking_id}" in entries
    if payment.status is Status.RECEIVED and payment.left and not released:
        kind = FindingKind.RELEASE_ENTRY_MISSING
        yield Difference(kind, payment.id, "The money is released, and the ledger does not say so.")
    if released and payment.status in UNCAPTURED | {Status.PAID}:
        kind = FindingKind.RELEASE_ENTRY_UNFOUNDED
        yield Difference(kind, payment.id, f"A release is booked; it is {payment.status}.")


def _of_escrow(payment: Payment, entries: Sequence[Transaction]) -> Iterator[Difference]:
    left = moved(entries, escrow(payment.booking_id), payment.amount.currency)
    if left.amount < 0 or (left and payment.status in ENDED):
        kind = FindingKind.HELD_MONEY_WRONG
        yield Difference(kind, payment.id, f"{words(left)} are held; it is {payment.status}.")


def _of_booking(payment: Payment, booking: Booking | None) -> Iterator[Difference]:
    if booking is None:
        kind = FindingKind.BOOKING_MISSING
        yield Difference(kind, payment.id, f"There is no booking {payment.booking_id}.")
        return
    paid = payment.status not in UNCAPTURED
    if booking.status in PAID_BOOKING and not paid:
        kind = FindingKind.BOOKING_NOT_PAID
        detail = f"The booking is {booking.status}, the payment {payment.status}."
        yield Difference(kind, payment.id, detail)
    kept = payment.status is Status.PAID and not payment.contested
    if kept and booking.status not in HOLDING:
        kind = FindingKind.MONEY_OF_DEAD_BOOKING
        detail = f"The booking is {booking.status}, and its money is neither released nor returned."
        yield Difference(kind, payment.id, detail)
