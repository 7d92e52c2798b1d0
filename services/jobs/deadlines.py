"""The deadlines of a job that goes on after a dispute."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from core.jobs import AutoApprove, GiveUp, Job, RemindToReview, Status
from core.jobs_policy import JobPolicy
from core.outbox import OutboxMessage, message


def resumed_deadlines(
    frozen: Job, resumed: Job, *, now: datetime, policy: JobPolicy
) -> Iterator[OutboxMessage]:
    """The messages that replace those which did nothing while the job was frozen. `resumed` is the
    saved job that follows `frozen`."""
    key = f"{resumed.id}:resumed:{resumed.version}"
    if resumed.status is not Status.DELIVERED:
        yield message(GiveUp(resumed.id), key, due_at=resumed.deliver_by)
        return
    if resumed.approve_by is None or frozen.frozen_at is None:
        return
    yield message(AutoApprove(resumed.id, resumed.deliveries), key, due_at=resumed.approve_by)
    remind = RemindToReview(resumed.id, resumed.deliveries)
    for after in _missed(frozen, frozen.frozen_at, now, policy):
        start = resumed.review_starts or now
        yield message(remind, f"{key}:{after}", due_at=start + after)


def _missed(
    frozen: Job, since: datetime, until: datetime, policy: JobPolicy
) -> Iterator[timedelta]:
    """The reminders that were due while the job was frozen."""
    start = frozen.review_starts
    for after in policy.approve_reminders if start else ():
        if start and since <= start + after <= until and after < frozen.terms.approve_within:
            yield after
