"""The contract of every `ports.calendars.Calendars`; adapters inherit `CalendarsContract`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.calendars import CalendarEntry, Person
from core.policy import DAY
from onehour.testing.suite import Contract
from ports.calendars import Calendars, Method

HOSTILE = (
    'Plan; move, "the" orders\\n\r\nATTENDEE:mailto:eve@example.com\nEND:VEVENT\rX:1\x00\x07\u2028'
    "\N{FAMILY}日本語" * 12
)
MEETING = CalendarEntry(
    uid="bkg_1@hours.example",
    sequence=2,
    start=datetime(2026, 12, 3, 10, 30, tzinfo=UTC),
    end=datetime(2026, 12, 3, 12, 30, tzinfo=UTC),
    changed_at=datetime(2026, 11, 29, 9, 0, tzinfo=UTC),
    summary="2 hours with Lucía Fernández",
    description="Join: https://hours.example/bookings/bkg_1/call\n\nPlan the move.",
    place="https://hours.example/bookings/bkg_1/call",
    page="https://hours.example/bookings/bkg_1",
    attendee=Person("Meera Krishnan", "meera@example.com"),
)


def lines_of(content: bytes) -> list[str]:
    """The lines of a file without their folds. Asserts what holds for each line (RFC 5545, 3.1)."""
    assert content.endswith(b"\r\n")
    lines = content.removesuffix(b"\r\n").split(b"\r\n")
    assert max(map(len, lines)) <= 75
    text = b"\n".join(lines).decode()
    assert not [each for each in text if (each < " " and each not in "\n\t") or each == "\x7f"]
    for line in lines:
        line.decode()  # no fold is inside a character
    return text.replace("\n ", "").split("\n")


class CalendarsContract(Contract):
    """Inherit it and provide the fixture `calendars`, whose organizer is
    `1HourDeveloper <no-reply@hours.example>`."""

    port = "calendars"

    @pytest.fixture
    def calendars(self) -> Calendars:
        raise NotImplementedError

    @pytest.mark.parametrize("method", Method)
    def test_a_file_says_what_it_is_for(self, calendars: Calendars, method: Method) -> None:
        lines = lines_of(calendars.file(MEETING, method=method, zone="Asia/Kolkata"))

        assert lines[0] == "BEGIN:VCALENDAR"
        assert lines[-1] == "END:VCALENDAR"
        assert f"METHOD:{method}" in lines
        assert "UID:bkg_1@hours.example" in lines
        assert "SEQUENCE:2" in lines
        assert "DTSTAMP:20261129T090000Z" in lines

    def test_times_are_in_the_zone_whose_rules_are_in_the_file(self, calendars: Calendars) -> None:
        lines = lines_of(calendars.file(MEETING, method=Method.REQUEST, zone="Asia/Kolkata"))

        assert "DTSTART;TZID=Asia/Kolkata:20261203T160000" in lines
        assert "DTEND;TZID=Asia/Kolkata:20261203T180000" in lines
        assert lines.index("TZID:Asia/Kolkata") < lines.index("BEGIN:VEVENT")
        assert "TZOFFSETTO:+0530" in lines

    def test_utc_needs_no_rules(self, calendars: Calendars) -> None:
        lines = lines_of(calendars.file(MEETING, method=Method.REQUEST, zone="UTC"))

        assert "DTSTART:20261203T103000Z" in lines
        assert "BEGIN:VTIMEZONE" not in lines

    def test_both_changes_of_the_clocks_of_a_year_are_in_the_file(
        self, calendars: Calendars
    ) -> None:
        lines = lines_of(calendars.file(MEETING, method=Method.REQUEST, zone="Europe/Madrid"))

        for start, before, after in (
            ("20260329T020000", "+0100", "+0200"),
            ("20261025T030000", "+0200", "+0100"),
        ):
            at = lines.index(f"DTSTART:{start}")
            part = lines[at : lines.index(next(e for e in lines[at:] if e.startswith("END:")), at)]
            assert f"TZOFFSETFROM:{before}" in part
            assert f"TZOFFSETTO:{after}" in part

    def test_only_invitations_name_the_people(self, calendars: Calendars) -> None:
        for method in Method:
            text = "\n".join(lines_of(calendars.file(MEETING, method=method, zone="UTC")))
            invites = method is not Method.PUBLISH
            assert ("mailto:meera@example.com" in text) == invites
            assert ("mailto:no-reply@hours.example" in text) == invites
        feed = calendars.feed([MEETING], name="1HourDeveloper", zone="UTC")
        assert b"mailto" not in feed

    def test_an_alarm_stands_before_the_start_unless_it_is_cancelled(
        self, calendars: Calendars
    ) -> None:
        cancelled = replace(MEETING, cancelled=True)

        lines = lines_of(calendars.file(MEETING, method=Method.REQUEST, zone="UTC"))
        ended = lines_of(calendars.file(cancelled, method=Method.CANCEL, zone="UTC"))

        assert {"BEGIN:VALARM", "TRIGGER:-PT10M", "STATUS:CONFIRMED"} <= set(lines)
        assert "BEGIN:VALARM" not in ended
        assert "STATUS:CANCELLED" in ended

    def test_texts_never_become_properties(self, calendars: Calendars) -> None:
        hostile = replace(
            MEETING,
            summary=HOSTILE,
            description=HOSTILE,
            attendee=Person('Eve"; ROLE=CHAIR:mailto:z\r\nX:1', "eve@example.com"),
        )

        usual = lines_of(calendars.file(MEETING, method=Method.REQUEST, zone="UTC"))
        lines = lines_of(calendars.file(hostile, method=Method.REQUEST, zone="UTC"))

        def names(lines: list[str]) -> list[str]:
            return [line.partition(":")[0].partition(";")[0] for line in lines]

        assert names(lines) == names(usual)
        summary = next(line for line in lines if line.startswith("SUMMARY:"))
        assert summary.startswith('SUMMARY:Plan\\; move\\, "the" orders\\\\n\\nATTENDEE:mailto:eve')

    def test_a_feed_has_every_entry_and_its_name(self, calendars: Calendars) -> None:
        later = replace(MEETING, uid="bkg_2@hours.example", start=MEETING.start + DAY,
                        end=MEETING.end + DAY)  # fmt: skip

        lines = lines_of(calendars.feed([MEETING, later], name="My; hours", zone="Asia/Kolkata"))

        assert [each for each in lines if each.startswith("UID:")] == [
            "UID:bkg_1@hours.example",
            "UID:bkg_2@hours.example",
        ]
        assert {"X-WR-CALNAME:My\\; hours", "METHOD:PUBLISH"} <= set(lines)
        assert lines.count("BEGIN:VTIMEZONE") == 1

    def test_a_feed_can_be_empty(self, calendars: Calendars) -> None:
        lines = lines_of(calendars.feed([], name="Hours", zone="Asia/Kolkata"))

        assert "BEGIN:VEVENT" not in lines
        assert lines[-1] == "END:VCALENDAR"

    def test_the_same_entries_make_the_same_bytes(self, calendars: Calendars) -> None:
        first = calendars.feed([MEETING], name="Hours", zone="Europe/Madrid")

        assert calendars.feed([MEETING], name="Hours", zone="Europe/Madrid") == first
