"""Compares what `money_status` says about a booking with the outbox that makes it true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from core.bookings import Booking
from core.bookings_policy import BookingPolicy
from core.disputes import Dispute
from core.earnings import Clearing
from core.jobs import Job
from core.money_retries import with_retry
from core.money_status import Automatic, Expected, MoneyStatus, Place, Why, money_status
from core.outbox import OutboxMessage, State
from core.payments import Payment
from core.payments_policy import PaymentPolicy

KINDS: dict[tuple[Expected, Automatic], str] = {
    (Expected.PAY, Automatic.FREE_TIME): "bookings.expire",
    (Expected.REPORT, Automatic.FREE_TIME): "bookings.expire",
    (Expected.REPORT, Automatic.ASK_PROVIDER): "payments.poll",
    (Expected.ANSWER, Automatic.REFUND): "bookings.auto_cancel",
    (Expected.DELIVER, Automatic.REFUND): "jobs.give_up",
    (Expected.REVIEW, Automatic.RELEASE): "jobs.auto_approve",
    (Expected.CONTEST, Automatic.REFUND): "disputes.deadline",
    (Expected.ANSWER_CASE, Automatic.REFUND): "disputes.deadline",
    (Expected.ANSWER_CASE, Automatic.COLLECT_EVIDENCE): "disputes.deadline",
    (Expected.ADD_EVIDENCE, Automatic.AWAIT_DECISION): "disputes.deadline",
    (Expected.DECIDE, Automatic.REFUND): "disputes.deadline",
    (Expected.REFUND, Automatic.REQUEST_REFUND): "payments.refund",
    (Expected.CONFIRM_REFUND, Automatic.ASK_PROVIDER): "payments.poll",
    (Expected.CLEAR, Automatic.MAKE_READY): "payments.clear",
}
"""What is expected, and what happens by itself -> the message that does it."""
FINAL = {Place.NOT_CHARGED, Place.REFUNDED, Place.RELEASED}
seen: Counter[tuple[Place, Why, Expected | None, Automatic | None]] = Counter()
"""What was said, over all runs of this process."""


def check_promise(
    booking: Booking,
    payment: Payment,
    job: Job | None,
    dispute: Dispute | None,
    *,
    now: datetime,
    messages: Collection[OutboxMessage],
    clearing: Clearing | None = None,
) -> MoneyStatus:
    """The status of the money. Its next step is that of a message that waits and is due then.

    A message may be overdue, because relays stand still; and after a failure, or while an attempt
    to pay is open, the provider is asked sooner than that. After a failure at that time, the next
    attempt is named."""
    open_one = dispute if dispute and dispute.open else None
    status = money_status(
        booking, payment, job, open_one,
        now=now, policy=BookingPolicy(), polling=PaymentPolicy(), clearing=clearing,
    )  # fmt: skip
    step = status.next
    seen[
        status.place, status.why, step.expected if step else None, step.automatic if step else None
    ] += 1
    clears = clearing is not None and not clearing.cleared and bool(clearing.amount)
    assert (step is None) == (status.place in FINAL and not clears)
    assert status.shares.refund + status.shares.earning + status.shares.fee == booking.price
    if step is None or step.automatic is None:
        assert step is None or step.at is None
        return status
    assert step.at is not None
    kind = KINDS[step.expected, step.automatic]
    subjects = {booking.id, payment.id, booking.job_id, open_one and open_one.id}
    waiting = [
        each
        for each in messages
        if each.kind == kind
        and each.state is State.READY
        and subjects & set(map(str, each.payload.values()))
    ]
    due = [each.due_at for each in waiting]
    # The end of a hold moves on when its checkout is opened late; its message comes and waits.
    sooner = step.expected in (Expected.REPORT, Expected.PAY)
    sooner = sooner or any(each.attempts for each in waiting)
    assert due, f"{booking.id}: {step} has no message of {kind}"
    kept = step.at in due or min(due) <= (step.at if sooner else now)
    failing = [each for each in messages if each.state is State.READY and each.last_error]
    named = with_retry(status, failing, subjects, now=now).next
    assert named is not None
    kept = kept or named.retry_at in due
    assert kept, f"{booking.id}: {step} is no message of {kind}: {due}"
    return status
