"""The deadlines of a job as messages: of its work, of a review, after a dispute or a move."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from core.jobs import (
    WORKING,
    AutoApprove,
    GiveUp,
    Job,
    RemindToDeliver,
    RemindToReview,
    Status,
)
from core.jobs_policy import JobPolicy
from core.outbox import OutboxMessage, message


def work_deadlines(job: Job, *, policy: JobPolicy, key: str) -> Iterator[OutboxMessage]:
    """The messages of a job whose first delivery is expected. `key` is that of the deadline."""
    yield message(GiveUp(job.id), key, due_at=job.deliver_by)
    if job.status is Status.ACTIVE and job.booked_end:
        remind = RemindToDeliver(job.id, job.booked_end)
        for after in policy.deliver_reminders:
            yield message(remind, _reminder(job, after), due_at=job.booked_end + after)


def review_deadlines(job: Job, *, policy: JobPolicy, key: str = "") -> Iterator[OutboxMessage]:
    """The messages of a delivery that waits for the client."""
    if job.approve_by is None or job.review_starts is None:
        return
    number = f"{job.id}:{job.deliveries}"
    yield message(AutoApprove(job.id, job.deliveries), key or number, due_at=job.approve_by)
    remind = RemindToReview(job.id, job.deliveries, job.booked_end)
    for after in policy.approve_reminders:
        if after < job.terms.approve_within:
            key = f"{_reminder(job, after)}:{job.deliveries}"
            yield message(remind, key, due_at=job.review_starts + after)


def moved_deadlines(moved: Job, *, policy: JobPolicy) -> Iterator[OutboxMessage]:
    """The messages of a job whose booked time was moved. Its reminders of the old time have no
    effect any more, and its old deadlines ask the job for the time."""
    key = f"{moved.id}:moved:{moved.version}"
    if moved.status in WORKING:
        yield from work_deadlines(moved, policy=policy, key=key)
    elif moved.status is Status.DELIVERED:
        yield from review_deadlines(moved, policy=policy, key=key)


def _reminder(job: Job, after: timedelta) -> str:
    """The key of a reminder: one for each end of the booked time, so that a booking that is moved
    there and back has each once."""
    assert job.booked_end
    return f"{job.id}:{job.booked_end:%Y%m%d%H%M}:{after}"


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
    remind = RemindToReview(resumed.id, resumed.deliveries, resumed.booked_end)
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
