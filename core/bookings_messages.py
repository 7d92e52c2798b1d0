"""Outbox messages of bookings: deadlines and reminders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from core.bookings import Booking, BookingId
from core.outbox import Payload, message_id


@dataclass(frozen=True, slots=True)
class ExpireHold(Payload):
    """Deadline: the booking expires unless it is paid."""

    kind: ClassVar[str] = "bookings.expire"
    booking: BookingId


@dataclass(frozen=True, slots=True)
class RemoveBriefFiles(Payload):
    """Remove the files of the brief unless the booking is paid."""

    kind: ClassVar[str] = "bookings.remove_files"
    booking: BookingId


@dataclass(frozen=True, slots=True)
class AutoCancel(Payload):
    """Deadline: the booking is cancelled unless the developer has answered."""

    kind: ClassVar[str] = "bookings.auto_cancel"
    booking: BookingId


@dataclass(frozen=True, slots=True)
class RemindToAnswer(Payload):
    """Remind the developer to answer."""

    kind: ClassVar[str] = "bookings.remind_answer"
    booking: BookingId


def answer_deadlines(booking_id: BookingId) -> tuple[str, str]:
    """The ids of the messages that are cancelled once the developer has answered."""
    return message_id(AutoCancel, booking_id), message_id(RemindToAnswer, booking_id)


def answer_reminder_at(booking: Booking, *, now: datetime) -> datetime | None:
    """When the developer is reminded: after half of the time to answer. None without a deadline."""
    if booking.accept_by is None:
        return None
    half: timedelta = (booking.accept_by - now) / 2
    return now + half
