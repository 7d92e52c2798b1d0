"""Bookings as entries of a calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.bookings import Booking, BookingStep, Status
from core.errors import Forbidden
from core.policy import DAY, MINUTE
from core.reschedules import RescheduleStep
from core.timeline import Entry

CHANGES: frozenset[str] = frozenset(
    {BookingStep.ACCEPTED, BookingStep.CANCELLED, RescheduleStep.MOVED}
)
"""The steps of a booking that change its calendar entry, beside the other ways to end."""
ALARM: timedelta = 10 * MINUTE
"""How long before the start a calendar reminds."""
KEPT_CANCELLED: timedelta = 30 * DAY
"""How long a feed has a cancelled booking. Without it some calendars keep what has vanished."""
KEPT_PAST: timedelta = 90 * DAY
"""How long a feed has a booking after its end."""


class TooManyReads(Forbidden):
    """This calendar is asked for too often. Try again later."""

    code = "too_many_reads"


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One booking in the calendar of one of its parties. Times are in UTC.

    `uid` is always the same for a booking, and `sequence` increases with each change.
    `place` is the address of the call, `page` that of the booking.
    """

    uid: str
    sequence: int
    start: datetime
    end: datetime
    changed_at: datetime
    summary: str
    description: str
    place: str
    page: str
    attendee: Person
    cancelled: bool = False


def sequence_of(booking: Booking) -> int:
    """The number of changes of its calendar entry: moves, and the cancellation."""
    return booking.moves + (booking.status is Status.CANCELLED)


def is_agreed(booking: Booking, entries: tuple[Entry, ...]) -> bool:
    """Whether the booking belongs into calendars: it is confirmed, or was before it was cancelled.
    `entries` is its timeline."""
    if booking.status in (Status.CONFIRMED, Status.COMPLETED):
        return True
    accepted = any(entry.what == BookingStep.ACCEPTED for entry in entries)
    return booking.status is Status.CANCELLED and accepted


def changed_at(booking: Booking, entries: tuple[Entry, ...]) -> datetime:
    """When the calendar entry changed last. Of a cancelled booking, the first entry after which
    nothing but its money changed."""
    moments = [entry.at for entry in entries if entry.what in CHANGES]
    if booking.status is Status.CANCELLED and not _has_cancellation(entries):
        moments += [entry.at for entry in entries]  # it ended in another way: with its last step
    return max(moments, default=booking.paid_at or booking.created_at)


def _has_cancellation(entries: tuple[Entry, ...]) -> bool:
    return any(entry.what == BookingStep.CANCELLED for entry in entries)


@dataclass(frozen=True, slots=True)
class CalendarFeed:
    """The feed of an account; `id` is that of the account.

    Its address contains a secret that is derived from `nonce`. Only the hash of the secret is
    stored, so that who reads the database cannot read calendars.
    """

    id: str
    nonce: str
    secret_hash: str
    created_at: datetime
    version: int = 0
