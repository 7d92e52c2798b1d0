"""What administrators read about bookings: several repositories, for one page each.

Reading one booking or payment is recorded in the audit trails of both parties; lists are not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.bookings import Booking, BookingId
from core.deliveries import Delivery
from core.errors import NotFound
from core.jobs import Job, JobId
from core.outbox import OutboxMessage, visible_payload
from core.payments import Payment, PaymentId
from core.stopped_refunds import StoppedRefund
from core.timeline import Entry
from core.transactions import Transaction
from ports.findings import Finding
from ports.scheduling import OutboxList
from ports.store import Repositories
from web.shared.context import dependencies, me, now, services
from web.shared.cookies import caller

COUNTED_AT_MOST = 1000
FINDINGS_SHOWN = 20
NEWEST = 5


@dataclass(frozen=True, slots=True)
class Numbered:
    """A payment or a job with the booking it belongs to."""

    payment: Payment
    booking: Booking


@dataclass(frozen=True, slots=True)
class NumberedJob:
    job: Job
    booking: Booking


@dataclass(frozen=True, slots=True)
class Stopped:
    """A refund that waits for an administrator, with its booking."""

    refund: StoppedRefund
    booking: Booking


@dataclass(frozen=True, slots=True)
class Case:
    """Everything about one booking."""

    booking: Booking
    payment: Payment
    job: Job | None
    deliveries: tuple[Delivery, ...]
    entries: tuple[Entry, ...]
    transactions: tuple[Transaction, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """The numbers of the overview. `waiting_since` is the due time of the oldest due message that
    no worker has started, `stopped` are the refunds that wait for an administrator; counts end at
    `COUNTED_AT_MOST`."""

    findings: tuple[Finding, ...]
    dead: int
    failing: int
    waiting: int
    waiting_since: datetime | None
    stopped: int
    bookings: tuple[Booking, ...]
    payments: list[Numbered]

    @property
    def lag_s(self) -> float:
        """Seconds for which the oldest due message has waited."""
        return max((now() - self.waiting_since).total_seconds(), 0) if self.waiting_since else 0


def repositories() -> Repositories:
    return dependencies().store.repositories


async def overview() -> Overview:
    """Nine short reads."""
    outbox, count = repositories().outbox, COUNTED_AT_MOST
    bookings, _ = await repositories().bookings.latest(limit=NEWEST)
    payments, _ = await repositories().payments.latest(limit=NEWEST)
    return Overview(
        findings=await repositories().findings.open(limit=FINDINGS_SHOWN),
        dead=await outbox.count(OutboxList.DEAD, at_most=count),
        failing=await outbox.count(OutboxList.FAILING, at_most=count),
        waiting=await outbox.count(OutboxList.WAITING, at_most=count),
        stopped=await services().stopped_refunds.count(at_most=count),
        waiting_since=await outbox.oldest_due(now=now()),
        bookings=bookings,
        payments=await numbered(payments),
    )


async def case(booking_id: str) -> Case:
    """One booking. Raises `NotFound`. The reading is recorded."""
    found = repositories()
    booking = await found.bookings.get(BookingId(booking_id))
    job = await found.jobs.get(JobId(booking.job_id)) if booking.job_id else None
    read = Case(
        booking=booking,
        payment=await found.payments.get(PaymentId(booking.payment_id)),
        job=job,
        deliveries=await found.deliveries.of_job(job.id) if job else (),
        entries=await found.timeline.of_booking(booking.id),
        transactions=await found.transactions.of_booking(booking.id),
    )
    await services().administration.record_reading(booking, by=me(), caller=caller())
    return read


async def case_of_payment(payment_id: str) -> Case:
    """The booking of a payment. Raises `NotFound`. The reading is recorded."""
    payment = (await repositories().payments.many([payment_id])).get(payment_id)
    if payment is None:
        raise NotFound
    return await case(payment.booking_id)


async def numbered(payments: Sequence[Payment]) -> list[Numbered]:
    """The payments with their bookings: one read."""
    bookings = await _bookings(payment.booking_id for payment in payments)
    return [Numbered(payment, bookings[payment.booking_id]) for payment in payments]


async def numbered_jobs(jobs: Sequence[Job]) -> list[NumberedJob]:
    """The jobs with their bookings: one read."""
    bookings = await _bookings(job.booking_id for job in jobs)
    return [NumberedJob(job, bookings[job.booking_id]) for job in jobs]


async def _bookings(booking_ids: Iterable[str]) -> dict[str, Booking]:
    wanted = list(dict.fromkeys(booking_ids))
    return await repositories().bookings.many(wanted) if wanted else {}


async def bookings_page(
    person: str | None, *, limit: int, cursor: str | None
) -> tuple[tuple[Booking, ...], str | None]:
    """All bookings, or those of an account, latest created first."""
    found = repositories().bookings
    if person:
        return await found.of_account(person, limit=limit, cursor=cursor)
    return await found.latest(limit=limit, cursor=cursor)


async def stopped_page(*, limit: int, cursor: str | None) -> tuple[list[Stopped], str | None]:
    """The refunds that wait for an administrator, the oldest first: two reads."""
    found, more = await services().stopped_refunds.page(limit=limit, cursor=cursor)
    bookings = await _bookings(each.booking_id for each in found)
    return [Stopped(each, bookings[each.booking_id]) for each in found], more


async def jobs_page(
    person: str | None, *, limit: int, cursor: str | None
) -> tuple[list[NumberedJob], str | None]:
    """All jobs, or those of an account, latest created first."""
    jobs = repositories().jobs
    if person:
        found, more = await jobs.of_account(person, limit=limit, cursor=cursor)
    else:
        found, more = await jobs.latest(limit=limit, cursor=cursor)
    return await numbered_jobs(found), more


def payload_of(message: OutboxMessage) -> dict[str, str]:
    """The payload without secrets."""
    kinds: dict[str, Any] = {
        payload.kind: payload for record in services().built.records for payload in record.messages
    }
    return visible_payload(message, kinds)
