"""What notices about a booking are made of."""

from __future__ import annotations

import asyncio
from functools import partial

from core.bookings import BookingId
from core.jobs import Job, JobId
from core.payments import PaymentId
from ports.clock import Clock
from ports.store import Store
from services.shared.shared_reads import read_once
from services.timeline import BookingDetails


async def booking_details(store: Store, clock: Clock, booking_id: str) -> BookingDetails:
    """The booking with its payment, job and timeline, read once for all messages that were claimed
    together. Raises `Missing`."""
    return await read_once(("booking", booking_id), partial(_read, store, clock, booking_id))


async def _read(store: Store, clock: Clock, booking_id: str) -> BookingDetails:
    repositories = store.repositories
    booking = await repositories.bookings.get(BookingId(booking_id))
    payment, job, entries = await asyncio.gather(
        repositories.payments.get(PaymentId(booking.payment_id)),
        _job(store, booking.job_id),
        repositories.timeline.of_booking(booking.id),
    )
    return BookingDetails(booking, payment, job, (), entries, clock.now())


async def _job(store: Store, job_id: str | None) -> Job | None:
    return await store.repositories.jobs.get(JobId(job_id)) if job_id else None
