"""Calendar files of single bookings: to open, and attached to e-mails."""

from __future__ import annotations

from dataclasses import dataclass

from core.accounts import Account, AccountId
from core.bookings import Booking, BookingId
from core.calendars import CalendarEntry, is_agreed
from core.errors import Conflict
from core.timeline import Entry
from ports.calendars import MEDIA_TYPE, Calendars, Method
from ports.mail import Attachment
from ports.store import Store
from services.calendars.entries import CalendarEntries
from services.shared.ownership import booking_of_party

FILE_NAME = "invite.ics"


class NotAgreed(Conflict):
    """This booking is not confirmed, so it has no calendar entry yet."""

    code = "booking_not_confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationService:
    store: Store
    calendars: Calendars
    entries: CalendarEntries

    async def file(self, booking_id: BookingId, *, by: str) -> bytes:
        """The file to add the booking to a calendar. Raises `NotFound` and `NotAgreed`."""
        booking = await booking_of_party(self.store.repositories, booking_id, by)
        reader = await self.store.repositories.accounts.get(AccountId(by))
        timeline = await self.store.repositories.timeline.of_booking(booking.id)
        entry = self._agreed(booking, timeline, reader)
        if entry is None:
            raise NotAgreed
        return self.calendars.file(entry, method=Method.PUBLISH, zone=reader.timezone)

    def preview(self, booking: Booking, *, reader: Account) -> CalendarEntry:
        """The entry of a confirmed booking of the reader, without a read: the time of its last
        change is missing."""
        return self.entries.entry(booking, reader, ())

    def attachments(
        self, booking: Booking, timeline: tuple[Entry, ...], reader: Account
    ) -> tuple[Attachment, ...]:
        """The invitation of a booking, its change or its cancellation, without a read. Nothing for
        a booking that was never confirmed."""
        entry = self._agreed(booking, timeline, reader)
        if entry is None:
            return ()
        method = Method.CANCEL if entry.cancelled else Method.REQUEST
        content = self.calendars.file(entry, method=method, zone=reader.timezone)
        media_type = f"{MEDIA_TYPE}; method={method}; charset=utf-8"
        return (Attachment(FILE_NAME, media_type, content),)

    def _agreed(
        self, booking: Booking, timeline: tuple[Entry, ...], reader: Account
    ) -> CalendarEntry | None:
        if not is_agreed(booking, timeline):
            return None
        return self.entries.entry(booking, reader, timeline)
