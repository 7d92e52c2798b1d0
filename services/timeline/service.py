"""A booking with its history and its next step, for its parties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.bookings import Booking, BookingId, BookingStep
from core.deliveries import Delivery
from core.disputes import DisputeStep
from core.jobs import Job, JobId, JobStep
from core.jobs import Status as JobStatus
from core.payments import Payment, PaymentId, PaymentStep, Status
from core.timeline import Entry, NextEvent
from ports.clock import Clock
from ports.store import Store
from services.shared.ownership import booking_of_party

ENDINGS: frozenset[str] = frozenset(
    {
        BookingStep.DECLINED,
        BookingStep.CANCELLED,
        BookingStep.AUTO_CANCELLED,
        JobStep.NOT_DELIVERED,
        DisputeStep.SETTLED,
        PaymentStep.PAID_TOO_LATE,
    }
)
"""The steps that end a paid booking early: each makes a refund due or denies it."""
PROPOSALS: frozenset[str] = frozenset(
    {DisputeStep.PROPOSED, DisputeStep.KEPT, DisputeStep.CONTESTED}
)
"""The steps of a cancellation that the other side can contest: made, taken back, contested."""


@dataclass(frozen=True, slots=True)
class BookingDetails:
    """A booking with its payment, job, deliveries and timeline entries; `read_at` is now."""

    booking: Booking
    payment: Payment
    job: Job | None
    deliveries: tuple[Delivery, ...]
    entries: tuple[Entry, ...]
    read_at: datetime

    @property
    def ending(self) -> Entry | None:
        """The step that ended the booking early, if there is one."""
        return next((each for each in reversed(self.entries) if each.what in ENDINGS), None)

    @property
    def cancelled_at(self) -> datetime | None:
        """When a side cancelled the booking: also of a cancellation that the other side could
        contest, and which took effect later."""
        if self.ending is None or self.ending.what != BookingStep.CANCELLED:
            return None
        last = next((each for each in reversed(self.entries) if each.what in PROPOSALS), None)
        proposed = last is not None and last.what == DisputeStep.PROPOSED
        return last.at if last and proposed else self.ending.at

    @property
    def next(self) -> NextEvent | None:
        """The next step. A refund in progress comes first; then what one side is asked for; then
        the meeting, which the first delivery follows as a rule."""
        if self.payment.status is Status.REFUNDING:
            return NextEvent("refund", None)
        own = self.booking.next_event(self.read_at)
        if self.job is None or (own and self.job.status is JobStatus.ACTIVE):
            return own
        return self.job.next_event or own


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineService:
    """Reads bookings for their parties; `by` is the acting account."""

    store: Store
    clock: Clock

    async def overview(self, booking_id: BookingId, *, by: str) -> BookingDetails:
        """As `details`, without deliveries and entries: two reads, three for a paid booking."""
        repositories = self.store.repositories
        booking = await booking_of_party(repositories, booking_id, by)
        payment = await repositories.payments.get(PaymentId(booking.payment_id))
        job = await repositories.jobs.get(JobId(booking.job_id)) if booking.job_id else None
        return BookingDetails(booking, payment, job, (), (), self.clock.now())

    async def overviews(self, bookings: Sequence[Booking]) -> list[BookingDetails]:
        """As `overview`, for bookings that are already loaded: two reads for all of them."""
        repositories = self.store.repositories
        payments = await repositories.payments.many([each.payment_id for each in bookings])
        jobs = await repositories.jobs.many([each.job_id for each in bookings if each.job_id])
        now = self.clock.now()
        return [
            BookingDetails(
                each, payments[each.payment_id], jobs.get(each.job_id or ""), (), (), now
            )
            for each in bookings
        ]

    async def details(self, booking_id: BookingId, *, by: str) -> BookingDetails:
        """One booking for one of its parties: at most five reads. Raises `NotFound`."""
        repositories = self.store.repositories
        details = await self.overview(booking_id, by=by)
        job = details.job
        deliveries = await repositories.deliveries.of_job(job.id) if job and job.deliveries else ()
        entries = await repositories.timeline.of_booking(booking_id)
        return replace(details, deliveries=deliveries, entries=entries)
