"""The deadlines that have waited until a chargeback was decided."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from core import bookings, disputes
from core.bookings import Booking
from core.bookings_messages import AutoCancel
from core.disputes import Dispute, DisputeId
from core.disputes_messages import DisputeDeadline, Stage
from core.jobs import FROZEN, WORKING, AutoApprove, GiveUp, Job, JobId
from core.jobs import Status as JobStatus
from core.outbox import OutboxMessage, Payload, message
from ports.store import Repositories
from services.disputes import DISPUTES

Deadline = tuple[Payload, datetime | None]


async def resumed_deadlines(
    repositories: Repositories, booking: Booking, *, now: datetime, key: str
) -> list[OutboxMessage]:
    """Messages of all deadlines of the booking that are over, due at once: what a relay has put off
    comes later than people are told. `key` names the decision."""
    found: list[Deadline] = []
    if booking.status is bookings.Status.REQUESTED:
        found.append((AutoCancel(booking.id), booking.accept_by))
    if booking.job_id:
        job = await repositories.jobs.get(JobId(booking.job_id))
        found += _of_job(job)
        if job.status in FROZEN and job.dispute_id:
            documents = repositories.documents(DISPUTES)
            found += _of_dispute(await documents.get(DisputeId(job.dispute_id)))
    return [
        message(payload, f"{key}:{number}", due_at=now)
        for number, (payload, ends) in enumerate(found)
        if ends is not None and ends <= now
    ]


def _of_job(job: Job) -> Iterator[Deadline]:
    if job.status is JobStatus.DELIVERED:
        yield AutoApprove(job.id, job.deliveries), job.approve_by
    elif job.status in WORKING:
        yield GiveUp(job.id), job.deliver_by


def _of_dispute(dispute: Dispute) -> Iterator[Deadline]:
    if dispute.status is disputes.Status.PROPOSED:
        yield DisputeDeadline(dispute.id, Stage.CONTEST), dispute.answer_by
        return
    if dispute.status is disputes.Status.OPEN:
        yield DisputeDeadline(dispute.id, Stage.ANSWER), dispute.answer_by
    yield DisputeDeadline(dispute.id, Stage.END), dispute.ends_at
