"""Calendar files: the contract, and what a second library that is strict reads from them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar

from adapters.icalendar import IcalendarFiles
from adapters.icalendar.zones import rules_of
from core.calendars import CalendarEntry
from core.policy import HOUR, MINUTE
from onehour.testing.calendars import HOSTILE, MEETING, CalendarsContract, lines_of
from ports.calendars import Calendars, Method

FILES = IcalendarFiles("1HourDeveloper <no-reply@hours.example>")
SOME_ZONES = sorted(available_timezones())[::23]
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


class TestIcalendarFiles(CalendarsContract):
    @pytest.fixture
    def calendars(self) -> Calendars:
        return FILES


def read(content: bytes) -> list[Any]:
    """What the strict parser finds."""
    stream = IcsCalendarStream.from_ics(content.decode())
    return [event for calendar in stream.calendars for event in calendar.events]


@pytest.mark.parametrize("method", Method)
def test_another_library_reads_the_same_meeting(method: Method) -> None:
    (event,) = read(FILES.file(MEETING, method=method, zone="Europe/Madrid"))

    assert (event.uid, event.sequence, event.summary) == (
        MEETING.uid,
        MEETING.sequence,
        MEETING.summary,
    )
    assert event.description == MEETING.description
    assert event.location == MEETING.place
    assert event.start == MEETING.start
    assert event.end == MEETING.end
    assert event.start.isoformat() == "2026-12-03T11:30:00+01:00"
    assert event.alarm
    assert event.alarm[0].trigger == -10 * MINUTE


@given(summary=TEXTS, description=TEXTS)
def test_another_library_reads_whatever_people_wrote(summary: str, description: str) -> None:
    entry = replace(MEETING, summary=f"With {summary}.", description=description)

    content = FILES.file(entry, method=Method.REQUEST, zone="UTC")

    lines_of(content)
    (event,) = read(content)
    assert plain(event.summary) == plain(entry.summary)
    assert plain(event.description or "") == plain(description)


def plain(text: str) -> str:
    """Without control characters, and with one kind of line break."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(each for each in text if each == "\n" or not is_control(each)).strip()


def is_control(letter: str) -> bool:
    return letter < " " or "\x7f" <= letter <= "\x9f" or letter in "\u2028\u2029"


def test_a_hostile_text_makes_one_meeting_without_guests() -> None:
    entry = replace(MEETING, summary=HOSTILE, description=HOSTILE)

    (event,) = read(FILES.feed([entry], name="Hours", zone="Asia/Kolkata"))

    assert not event.attendees
    assert event.summary.startswith('Plan; move, "the" orders')


@pytest.mark.parametrize("zone", SOME_ZONES)
def test_the_rules_of_a_zone_are_those_of_its_clocks(zone: str) -> None:
    """At each hour around each change, a reader that knows only the file sees the local time."""
    rules = Calendar.from_ical(
        b"BEGIN:VCALENDAR\r\n" + rules_of(zone, 2025, 2027) + b"END:VCALENDAR\r\n"
    )
    found: list[Any] = [part for part in rules.walk() if part.name in ("STANDARD", "DAYLIGHT")]
    parts: list[tuple[datetime, timedelta]] = sorted(
        (part["DTSTART"].dt - part["TZOFFSETFROM"].td, part["TZOFFSETTO"].td) for part in found
    )
    for change, _ in parts:
        for hours in (-2, -1, 0, 1, 2):
            moment = max(change + hours * HOUR, datetime(2025, 1, 1))
            offset = [offset for start, offset in parts if start <= moment][-1]
            local = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
            assert local.utcoffset() == offset, (zone, moment)


@pytest.mark.parametrize("zone", ["Europe/Madrid", "America/New_York", "Asia/Kolkata"])
def test_meetings_around_a_change_of_the_clocks_are_read_at_their_time(zone: str) -> None:
    for day in (datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)):
        for hour in range(12):
            start = day + timedelta(hours=hour)
            entry: CalendarEntry = replace(MEETING, start=start, end=start + HOUR)
            (event,) = read(FILES.file(entry, method=Method.REQUEST, zone=zone))
            read_as = [each.astimezone(UTC) for each in (event.start, event.end)]
            assert read_as == [start, start + HOUR], (zone, start)
