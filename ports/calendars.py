"""Calendar files."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from core.calendars import CalendarEntry
from core.timezones import ZoneName

MEDIA_TYPE = "text/calendar"


class Method(StrEnum):
    """What a file asks the calendar to do (RFC 5546)."""

    REQUEST = "REQUEST"
    """An invitation by e-mail, or its change."""
    CANCEL = "CANCEL"
    """The end of an invitation, by e-mail."""
    PUBLISH = "PUBLISH"
    """A file to open, or a feed."""


class Calendars(Protocol):
    """Writes iCalendar files (RFC 5545): UTF-8, lines of at most 75 bytes that end with CRLF.

    Times are in the given zone, whose rules are in the file; every entry that is not cancelled has
    an alarm `core.calendars.ALARM` before its start. Texts are escaped: what they contain never
    becomes a property, and control characters other than line breaks are left out. The same entries
    make the same bytes. The attendee is in files that invite only, and so is the organiser, which
    is this site.
    """

    def file(self, entry: CalendarEntry, *, method: Method, zone: ZoneName) -> bytes:
        """A file with one entry."""
        ...

    def feed(self, entries: Sequence[CalendarEntry], *, name: str, zone: ZoneName) -> bytes:
        """A calendar to subscribe to, with its name; it may be empty."""
        ...
