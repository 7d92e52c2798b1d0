"""Wording of notifications that remind of a meeting."""

from __future__ import annotations

from datetime import timedelta

from core.notifications import Notification
from core.policy import HOUR
from core.reminders import NOTICE, Reminder
from web.shared.context import formats
from web.shared.notices import BookingFacts, NoticeLine, NoticeWords, booking_facts
from web.shared.templating import at


def _remind_meeting(entry: Notification, about: BookingFacts) -> NoticeLine:
    """The start is that of the reminder: the booking can have been moved since."""
    reminder, booking = Reminder.of(entry.fact), about.details.booking
    heading = f"You meet {about.side.name} on {at(reminder.start)}"
    detail = f"{length(reminder.before)} before the start. {booking.number}"
    return NoticeLine(heading, detail, about.path, "video")


def length(before: timedelta) -> str:
    """'24 hours', '1 hour' or '10 min'."""
    if before % HOUR:
        return formats().duration(before)
    return formats().hours(before // HOUR)


NOTICES = NoticeWords({NOTICE: _remind_meeting}, booking_facts)
