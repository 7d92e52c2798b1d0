"""When the automatic step of a booking's money is tried again after it has failed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from core.bookings_messages import AutoCancel, ExpireHold
from core.disputes_messages import DisputeDeadline
from core.earnings import ClearEarnings
from core.jobs import AutoApprove, GiveUp
from core.money_status import Automatic, Expected, MoneyStatus, NextStep
from core.outbox import OutboxMessage, Payload
from core.payments_messages import PollGateway, SendRefunds
from core.timeline import Actor

STEPS: Mapping[tuple[Expected, Automatic], type[Payload]] = {
    (Expected.PAY, Automatic.FREE_TIME): ExpireHold,
    (Expected.REPORT, Automatic.FREE_TIME): ExpireHold,
    (Expected.REPORT, Automatic.ASK_PROVIDER): PollGateway,
    (Expected.ANSWER, Automatic.REFUND): AutoCancel,
    (Expected.DELIVER, Automatic.REFUND): GiveUp,
    (Expected.REVIEW, Automatic.RELEASE): AutoApprove,
    (Expected.CONTEST, Automatic.REFUND): DisputeDeadline,
    (Expected.ANSWER_CASE, Automatic.REFUND): DisputeDeadline,
    (Expected.ANSWER_CASE, Automatic.COLLECT_EVIDENCE): DisputeDeadline,
    (Expected.ADD_EVIDENCE, Automatic.AWAIT_DECISION): DisputeDeadline,
    (Expected.DECIDE, Automatic.REFUND): DisputeDeadline,
    (Expected.REFUND, Automatic.REQUEST_REFUND): SendRefunds,
    (Expected.CONFIRM_REFUND, Automatic.ASK_PROVIDER): PollGateway,
    (Expected.CLEAR, Automatic.MAKE_READY): ClearEarnings,
}
"""The message that does each automatic step."""


def can_be_late(step: NextStep | None, *, now: datetime) -> bool:
    """Whether a retry may come after the time of the step: it is over, or the provider's answer is
    awaited until then. A series of questions has its next one in time whatever has failed."""
    if step is None or step.at is None or step.automatic in (None, Automatic.ASK_PROVIDER):
        return False
    return step.at <= now or step.by is Actor.PROVIDER


def with_retry(
    status: MoneyStatus,
    failing: Iterable[OutboxMessage],
    subjects: Collection[object],
    *,
    now: datetime,
) -> MoneyStatus:
    """The status with the time at which its step is tried again, if it has failed. `failing` are
    waiting messages whose last attempt failed, of any kind and subject; `subjects` are the ids of
    the booking, its payment, its job and its open dispute."""
    step = status.next
    if step is None or step.at is None or step.automatic is None or not can_be_late(step, now=now):
        return status
    kind = STEPS[step.expected, step.automatic].kind
    names = {str(each) for each in subjects if each}
    due = [
        each.due_at
        for each in failing
        if each.kind == kind and names & set(map(str, each.payload.values()))
    ]
    if not due or min(due) <= step.at:
        return status
    return replace(status, next=replace(step, retry_at=min(due)))
