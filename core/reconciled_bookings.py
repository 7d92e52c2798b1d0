"""Compares a booking with its calendar cells, its payment, its job, and its deadlines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from core.bookings import Booking, Status
from core.bookings_messages import AutoCancel, ExpireHold
from core.findings import FindingKind
from core.jobs import FROZEN, WORKING, AutoApprove, GiveUp, Job
from core.jobs import Status as JobStatus
from core.outbox import OutboxMessage, Payload, message, message_id
from core.payments import Payment
from core.payments import Status as PaymentStatus
from core.reconciliation import GRACE, Difference
from core.reconciliation_messages import FreeCells

DEAD = frozenset({Status.EXPIRED, Status.DECLINED, Status.CANCELLED})
UNDER_WAY = WORKING | FROZEN | {JobStatus.OPEN, JobStatus.DELIVERED}


def differences(
    booking: Booking,
    *,
    payment: Payment | None,
    job: Job | None,
    cells: frozenset[int],
    messages: Mapping[str, OutboxMessage],
    now: datetime,
) -> Iterator[Difference]:
    """`cells` are those that the store keeps for it, `messages` the outbox messages of `wanted_ids`
    that exist. `now` is in UTC."""
    if payment is None:
        kind = FindingKind.PAYMENT_MISSING
        yield Difference(kind, booking.id, f"There is no payment {booking.payment_id}.")
    yield from _of_cells(booking, cells)
    if payment is None or not payment.contested:  # deadlines wait for the bank of the client
        yield from _of_deadlines(booking, messages, now)
        yield from _of_work(job, now)
    yield from _of_job(booking, payment, job)


def wanted_ids(booking: Booking) -> tuple[str, ...]:
    """The outbox messages that a booking in this state must have."""
    return (message_id(ExpireHold, booking.id),) if booking.status is Status.HELD else ()


def _of_cells(booking: Booking, cells: frozenset[int]) -> Iterator[Difference]:
    wanted = frozenset(booking.cells) if booking.holds else frozenset()
    if cells - wanted:
        kind = FindingKind.CELL_WITHOUT_BOOKING
        detail = f"It is {booking.status} and keeps {len(cells - wanted)} quarter hours taken."
        free = None if booking.holds else FreeCells(booking.id)
        yield Difference(kind, booking.id, detail, repair=free)
    if wanted - cells:
        kind = FindingKind.BOOKING_WITHOUT_CELL
        detail = f"{len(wanted - cells)} of its quarter hours can be booked by others."
        yield Difference(kind, booking.id, detail)


def _of_deadlines(
    booking: Booking, messages: Mapping[str, OutboxMessage], now: datetime
) -> Iterator[Difference]:
    if booking.status is Status.HELD:
        expire = ExpireHold(booking.id)
        if now > booking.hold_ends + GRACE:
            yield _overdue(FindingKind.HOLD_OVERDUE, booking.id, booking.hold_ends, expire)
        elif message_id(ExpireHold, booking.id) not in messages:
            yield Difference(
                FindingKind.DEADLINE_MISSING,
                booking.id,
                "Nothing ends the hold if it is not paid.",
                missing=message(expire, booking.id, due_at=booking.hold_ends),
            )
    accept_by = booking.accept_by
    if booking.status is Status.REQUESTED and accept_by and now > accept_by + GRACE:
        yield _overdue(FindingKind.ANSWER_OVERDUE, booking.id, accept_by, AutoCancel(booking.id))


def _of_job(booking: Booking, payment: Payment | None, job: Job | None) -> Iterator[Difference]:
    if job is None:
        if booking.job_id:
            kind = FindingKind.JOB_MISSING
            yield Difference(kind, booking.id, f"There is no job {booking.job_id}.")
        return
    if booking.status in DEAD and job.status in UNDER_WAY:
        kind = FindingKind.JOB_OF_DEAD_BOOKING
        yield Difference(kind, booking.id, f"It is {booking.status}, its job {job.status}.")
    held = payment is not None and payment.status is PaymentStatus.PAID
    if job.status is JobStatus.APPROVED and held:
        kind = FindingKind.APPROVED_NOT_RELEASED
        yield Difference(kind, booking.id, "The work is approved, and its money is still held.")


def _of_work(job: Job | None, now: datetime) -> Iterator[Difference]:
    if job is None:
        return
    if job.status is JobStatus.DELIVERED and job.approve_by and now > job.approve_by + GRACE:
        approve = AutoApprove(job.id, job.deliveries)
        yield _overdue(FindingKind.APPROVAL_OVERDUE, job.booking_id, job.approve_by, approve)
    if job.status in WORKING and now > job.deliver_by + GRACE:
        yield _overdue(FindingKind.DELIVERY_OVERDUE, job.booking_id, job.deliver_by, GiveUp(job.id))


def _overdue(kind: FindingKind, subject: str, due: datetime, step: Payload) -> Difference:
    detail = f"The step of {due:%Y-%m-%d %H:%M} UTC was not taken."
    return Difference(kind, subject, detail, repair=step)
