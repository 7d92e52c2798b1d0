"""What the e-mail of a reminder shows, read when it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from core.accounts import first_name
from core.bookings import Booking, BookingId
from core.policy import HOUR, MINUTE
from core.reminders import Reminder
from ports.store import Repositories
from services.shared.links import booking_url, call_url
from services.shared.notices import NoticeReader

LATE = 5 * MINUTE
"""A reminder that is sent later says how long it still is."""


@dataclass(frozen=True, slots=True)
class MeetingContext:
    """A meeting for one side. `left` is the time until the start when the e-mail is sent, and
    `hours_left` the same in hours if it is a reminder of whole hours that is sent in time. `call`
    is the address where it is joined, `other` the first name of the other side."""

    booking: Booking
    left: timedelta
    hours_left: int
    other: str
    other_name: str
    other_zone: str
    url: str
    call: str


async def meeting_context(
    repositories: Repositories, reader: NoticeReader
) -> MeetingContext | None:
    """None for a booking that was cancelled or moved meanwhile, or has begun."""
    booking = await repositories.bookings.get(BookingId(reader.delivery.booking))
    reminder = Reminder.of(reader.delivery.fact)
    if not reminder.is_of(booking, reader.now):
        return None
    left = booking.start - reader.now
    is_client = reader.account.id == booking.client.account_id
    side = booking.developer if is_client else booking.client
    return MeetingContext(
        booking=booking,
        left=left,
        hours_left=_hours(reminder.before) if reminder.before - left < LATE else 0,
        other=first_name(side.name),
        other_name=side.name,
        other_zone=side.timezone,
        url=booking_url(reader.site, booking.id),
        call=call_url(reader.site, booking.id),
    )


def _hours(length: timedelta) -> int:
    """0 if it is not a number of whole hours."""
    return 0 if length % HOUR else length // HOUR
