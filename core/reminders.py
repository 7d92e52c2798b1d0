"""Reminders of a meeting, as outbox messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Self

from core.bookings import Booking, BookingId
from core.outbox import OutboxMessage, Payload, message
from core.policy import MINUTE
from core.reminders_policy import ReminderPolicy

FORM = "%Y%m%dT%H%M"
NOTICE = "remind_meeting"


@dataclass(frozen=True, slots=True)
class RemindOfMeeting(Payload):
    """Remind both sides so many minutes before this start. Without effect if the booking then has
    another start, or is no longer agreed."""

    kind: ClassVar[str] = "reminders.meeting"
    booking: BookingId
    start: datetime
    minutes: int

    @property
    def fact(self) -> str:
        """One for each start and reminder of a booking, so that nobody is reminded twice, also of
        a booking that was moved there and back."""
        return f"{self.booking}:{self.start:{FORM}}:{self.minutes}"


@dataclass(frozen=True, slots=True)
class Reminder:
    """What a fact says."""

    start: datetime
    before: timedelta

    @classmethod
    def of(cls, fact: str) -> Self:
        """Raises `ValueError` for a text that is no fact of a reminder."""
        _, start, minutes = fact.rsplit(":", 2)
        return cls(datetime.strptime(start, FORM).replace(tzinfo=UTC), int(minutes) * MINUTE)

    def is_of(self, booking: Booking, now: datetime) -> bool:
        """Whether there still is something to remind of."""
        return booking.is_ahead(now) and now < booking.start == self.start


def reminder_times(
    booking: Booking, *, now: datetime, policy: ReminderPolicy
) -> tuple[tuple[timedelta, datetime], ...]:
    """How long before the start and when, of those still to come."""
    times = ((before, booking.start - before) for before in policy.meeting_reminders)
    return tuple((before, at) for before, at in times if at > now)


def meeting_reminders(
    booking: Booking, *, now: datetime, policy: ReminderPolicy
) -> Iterator[OutboxMessage]:
    """The messages of a booking that is agreed now, or has another start now."""
    for before, at in reminder_times(booking, now=now, policy=policy):
        remind = RemindOfMeeting(booking.id, booking.start, before // MINUTE)
        yield message(remind, remind.fact, due_at=at)
