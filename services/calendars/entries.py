"""The words and addresses of calendar entries."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from core.accounts import Account
from core.bookings import Booking, Status
from core.calendars import CalendarEntry, Person, changed_at, sequence_of
from core.timeline import Entry
from ports.formats import Formats
from services.shared.links import booking_url, call_url


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntries:
    """Makes the entry of a booking for one of its parties. `site` is the base URL."""

    site: str
    formats: Formats

    def entry(
        self, booking: Booking, reader: Account, timeline: tuple[Entry, ...]
    ) -> CalendarEntry:
        """`timeline` has the entries of the booking."""
        is_client = booking.client.account_id == reader.id
        other = booking.developer if is_client else booking.client
        cancelled = booking.status is Status.CANCELLED
        what = f"{self.formats.hours(booking.hours)} with {other.name}"
        page, place = booking_url(self.site, booking.id), call_url(self.site, booking.id)
        lines = [f"Join: {place}", f"Booking {booking.number}: {page}"]
        if cancelled:
            lines = [f"This booking is cancelled: {page}"]
        return CalendarEntry(
            uid=f"{booking.id}@{urlsplit(self.site).hostname or 'localhost'}",
            sequence=sequence_of(booking),
            start=booking.start,
            end=booking.end,
            changed_at=changed_at(booking, timeline).replace(microsecond=0),
            summary=f"Cancelled: {what}" if cancelled else what,
            description="\n".join([*lines, "", booking.brief]).strip(),
            place=place,
            page=page,
            attendee=Person(reader.name, reader.email),
            cancelled=cancelled,
        )
