"""The queue of refunds that wait for an administrator, beside the payments they belong to.

The function runs inside the caller's transaction and calls repositories only.
"""

from __future__ import annotations

from datetime import datetime

from core.bookings import BookingId
from core.findings import FindingKind
from core.payments import Payment, PaymentStep, Refund
from core.payments_facts import RefundStatus
from core.stopped_refunds import queued
from core.timeline import Actor, MoneyPosition, MoneyState
from ports.findings import Finding
from ports.store import Repositories
from services.payments.documents import STOPPED_REFUNDS
from services.shared.findings import report_again
from services.timeline import TimelineStep, record

SOLVED = {
    RefundStatus.FAILED: "It was requested again.",
    RefundStatus.PAID_OTHERWISE: "It was paid by another way.",
    RefundStatus.SUCCEEDED: "The provider has made it after all.",
}


async def record_stops(
    repositories: Repositories,
    before: Payment,
    after: Payment,
    *,
    by: str,
    now: datetime,
    events: bool,
) -> None:
    """Bring queue, findings and timeline to what `after` says. `by` is who has solved what does
    not wait any more: an account or the provider."""
    waited = {each.id for each in before.refunds_stopped}
    for refund in after.refunds:
        waits = refund.status is RefundStatus.STOPPED
        if waits and refund.id not in waited:
            await _stop(repositories, after, refund, now=now, events=events)
        if not waits and refund.id in waited:
            await repositories.documents(STOPPED_REFUNDS).remove(refund.id)
            how = SOLVED[refund.status]
            await repositories.findings.resolve(_finding(refund), by=by, how=how, now=now)
    if before.refunds_stopped or after.refunds_stopped:
        await watch_charged_back(repositories, after, by=by, now=now)


async def _stop(
    repositories: Repositories, payment: Payment, refund: Refund, *, now: datetime, events: bool
) -> None:
    await repositories.documents(STOPPED_REFUNDS).add(queued(payment, refund))
    detail = (
        f"{refund.id} of {refund.amount.amount} {refund.amount.currency} (minor units) was "
        f"requested {refund.attempt} times, and refused. Nothing happens by itself any more."
    )
    if refund.refused:
        detail += f" The provider says: {refund.refused}"
    kind = FindingKind.REFUND_STOPPED
    await repositories.findings.report(Finding(_finding(refund), kind, payment.id, detail, now))
    booking = await repositories.bookings.get(BookingId(payment.booking_id))
    step = TimelineStep(
        key=f"{refund.id}:stopped",
        what=PaymentStep.REFUND_STOPPED,
        actor=Actor.PROVIDER,
        at=now,
        money=MoneyPosition(MoneyState.REFUNDING, refund.amount),
    )
    await record(repositories, booking, step, events=events)


async def watch_charged_back(
    repositories: Repositories, payment: Payment, *, by: str, now: datetime
) -> None:
    """Report a payment of which the client has got money back through the bank while a refund of it
    waits: a person has to decide whether that is still to be paid. Resolve the report once one of
    both is over; `by` is who has ended it."""
    waiting = payment.refunds_stopped
    if not waiting or payment.charged_back is None:
        how = "Not both are so any more."
        await repositories.findings.resolve(_charged_back(payment), by=by, how=how, now=now)
        return
    refunds = ", ".join(f"{each.id} of {each.amount.amount}" for each in waiting)
    detail = (
        f"A chargeback of the payment was lost, while {refunds} {payment.currency} (minor units)"
        " waits. Before you pay it, check what the client has."
    )
    kind = FindingKind.CHARGEBACK_BESIDE_REFUND
    finding = Finding(_charged_back(payment), kind, payment.id, detail, now)
    await report_again(repositories.findings, finding)


def _charged_back(payment: Payment) -> str:
    return f"{FindingKind.CHARGEBACK_BESIDE_REFUND}:{payment.id}"


def _finding(refund: Refund) -> str:
    return f"{FindingKind.REFUND_STOPPED}:{refund.id}"
