"""Writes calendar files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, vCalAddress, vText
from icalendar.enums import STATUS

from adapters.icalendar.zones import rules_of
from core.calendars import ALARM, CalendarEntry, Person
from core.policy import HOUR
from core.timezones import ZoneName
from ports.calendars import Calendars, Method

PRODUCT = "-//OneHour//Bookings//EN"
REFRESH = HOUR
"""How often a subscribed calendar should ask again."""
END = b"END:VCALENDAR\r\n"
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
"""Control characters beside the line feed, which a text cannot have (RFC 5545, 3.3.11)."""
UTC_NAMES = frozenset({"UTC", "Etc/UTC", "Etc/GMT", "GMT"})


@dataclass(frozen=True, slots=True)
class IcalendarFiles(Calendars):
    """`organizer` is the From header of the site's e-mails: a calendar answers to it."""

    organizer: str

    def file(self, entry: CalendarEntry, *, method: Method, zone: ZoneName) -> bytes:
        organizer = "" if method is Method.PUBLISH else self.organizer
        return _bytes(_calendar(method), [entry], zone, organizer=organizer)

    def feed(self, entries: Sequence[CalendarEntry], *, name: str, zone: ZoneName) -> bytes:
        calendar = _calendar(Method.PUBLISH)
        calendar.add("name", _text(name))
        calendar.add("x-wr-calname", vText(_text(name)))
        calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", "PT1H")
        return _bytes(calendar, entries, zone)


@lru_cache(maxsize=4096)
def _event(entry: CalendarEntry, zone: ZoneName, organizer: str) -> bytes:
    """One entry. With an organizer, an invitation of its attendee."""
    local = _zone_of(entry, zone)
    event = Event.new(
        uid=entry.uid,
        sequence=entry.sequence,
        stamp=entry.changed_at,
        last_modified=entry.changed_at,
        start=entry.start.astimezone(local),
        end=entry.end.astimezone(local),
        summary=_text(entry.summary),
        description=_text(entry.description),
        location=_text(entry.place),
        url=entry.page,
        status=STATUS.CANCELLED if entry.cancelled else STATUS.CONFIRMED,
    )
    if organizer:
        name, address = parseaddr(organizer)
        event.add("organizer", _address(Person(name, address)))
        attendee = _address(entry.attendee)
        attendee.params |= {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "ACCEPTED", "RSVP": "FALSE"}
        event.add("attendee", attendee)
    if not entry.cancelled:
        event.add_component(_alarm(entry))
    return bytes(event.to_ical())


def _zone_of(entry: CalendarEntry, zone: ZoneName) -> ZoneInfo:
    """UTC where a local time would be read as the first of two, when the clocks go back."""
    local = ZoneInfo(zone)
    second = any(moment.astimezone(local).fold for moment in (entry.start, entry.end))
    return ZoneInfo("UTC") if second or zone in UTC_NAMES else local


def _calendar(method: Method) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method.value)
    return calendar


def _alarm(entry: CalendarEntry) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", -ALARM)
    alarm.add("description", _text(entry.summary))
    return alarm


def _address(person: Person) -> vCalAddress:
    address = vCalAddress(f"mailto:{person.email}")
    name = CONTROL.sub(" ", person.name).replace("\n", " ").replace('"', "'").strip()
    if name:
        address.params["CN"] = vText(name)
    return address


def _text(text: str) -> str:
    return CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _bytes(
    calendar: Calendar, entries: Sequence[CalendarEntry], zone: ZoneName, *, organizer: str = ""
) -> bytes:
    """With the rules of the zone for the years of the entries, before the entries. They are
    written one by one, because the library takes milliseconds for each."""
    parts = [calendar.to_ical().removesuffix(END)]
    if entries and zone not in UTC_NAMES:
        years = [moment.year for each in entries for moment in (each.start, each.end)]
        parts.append(rules_of(zone, min(years) - 1, max(years) + 1))
    return b"".join([*parts, *(_event(each, zone, organizer) for each in entries), END])
