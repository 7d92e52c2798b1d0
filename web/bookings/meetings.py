"""Whether the next step of a booking is its meeting."""

from __future__ import annotations

from core.bookings import Status
from core.jobs import Job
from core.jobs import Status as JobStatus
from web.shared.context import now
from web.shared.sides import Side


def meeting_is_next(side: Side, job: Job | None) -> bool:
    """Whether the page of the booking says so: until the meeting ends, or, for a developer who has
    not delivered yet, until it starts."""
    booking = side.booking
    if booking.status is Status.CONFIRMED and job and job.status is JobStatus.ACTIVE:
        return now() < (booking.end if side.is_client else booking.start)
    approved = booking.status is Status.COMPLETED and job and job.status is not JobStatus.SETTLED
    return bool(approved) and now() < booking.end
