"""Days off and extra hours: their effect on free hours, their rules, and days of clock changes.

The comparison with a slow calculation by local time is in `test_availability.py`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.availability import Availability
from core.calendar_exceptions import (
    EXCEPTIONS_MAXIMUM,
    CalendarException,
    ExceptionId,
    ExceptionKind,
    NoSuchException,
    TooManyExceptions,
    checked_exception,
    current,
    with_exception,
    without_exception,
)
from core.errors import Invalid
from core.policy import DAY, HOUR
from core.weekly_hours import Window

TODAY = date(2026, 11, 29)
NINE_TO_FIVE = tuple(Window(day, 540, 1020) for day in range(7))


def off(first: date, last: date | None = None) -> CalendarException:
    return CalendarException(ExceptionKind.DAYS_OFF, first, last or first)


def extra(day: date, start: int, end: int) -> CalendarException:
    return CalendarException(ExceptionKind.EXTRA_HOURS, day, day, start, end)


def hours_on(offer: Availability, day: date) -> list[str]:
    """The local starts of the free hours of one local day, on the full hour by the local clock."""
    zone = ZoneInfo(offer.timezone)
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    slots = offer.slots(
        since=midnight - DAY, until=midnight + 2 * DAY, hours=1, busy=(), now=midnight - 9 * DAY
    )
    local = (slot.start.astimezone(zone) for slot in slots)
    return [f"{t:%H:%M}" for t in local if t.date() == day and t.minute == 0]


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Europe/Berlin", date(2027, 3, 28)),
        ("Europe/Berlin", date(2026, 10, 25)),
        ("America/New_York", date(2027, 3, 14)),
        ("America/New_York", date(2026, 11, 1)),
        ("Australia/Lord_Howe", date(2026, 10, 4)),
        ("Australia/Lord_Howe", date(2027, 4, 4)),
        ("Asia/Kolkata", date(2026, 12, 24)),
    ],
)
def test_a_day_off_is_the_whole_local_day_also_when_the_clocks_change(zone: str, day: date) -> None:
    always = tuple(Window(n, 0, 1440) for n in range(7))
    offer = Availability(zone, always, horizon=60 * DAY, exceptions=(off(day),))

    last_before, first_after = hours_on(offer, day - DAY)[-1], hours_on(offer, day + DAY)[0]

    assert (last_before, hours_on(offer, day), first_after) == ("23:00", [], "00:00")


@pytest.mark.parametrize(
    ("zone", "day", "starts"),
    [
        ("Europe/Berlin", date(2027, 3, 28), ["01:00", "03:00"]),
        ("Europe/Berlin", date(2026, 10, 25), ["01:00", "02:00", "02:00", "03:00"]),
        ("America/New_York", date(2027, 3, 14), ["01:00", "03:00"]),
        ("America/New_York", date(2026, 11, 1), ["01:00", "01:00", "02:00", "03:00"]),
        ("Australia/Lord_Howe", date(2026, 10, 4), ["01:00", "03:00"]),
        ("Asia/Kolkata", date(2026, 12, 24), ["01:00", "02:00", "03:00"]),
    ],
)
def test_extra_hours_in_the_night_of_the_change_are_by_the_local_clock(
    zone: str, day: date, starts: list[str]
) -> None:
    offer = Availability(zone, (), horizon=60 * DAY, exceptions=(extra(day, 60, 240),))
    assert hours_on(offer, day) == starts


def test_extra_hours_are_added_to_the_week_and_to_a_day_off() -> None:
    day = date(2026, 12, 24)
    week = Availability("Asia/Kolkata", NINE_TO_FIVE, horizon=60 * DAY)

    later = replace(week, exceptions=(extra(day, 960, 1140),))
    short_day = replace(week, exceptions=(extra(day, 540, 720), off(day, day + DAY)))

    assert hours_on(later, day)[-3:] == ["16:00", "17:00", "18:00"]
    assert hours_on(short_day, day) == ["09:00", "10:00", "11:00"]
    assert hours_on(short_day, day + DAY) == []


def test_extra_hours_until_midnight_join_the_next_day() -> None:
    day = date(2026, 12, 24)
    night = (Window((day + DAY).weekday(), 0, 60),)
    offer = Availability(
        "Asia/Kolkata", night, horizon=60 * DAY, exceptions=(extra(day, 1380, 1440),)
    )
    start = datetime(2026, 12, 24, 23, tzinfo=ZoneInfo("Asia/Kolkata")).astimezone(UTC)

    assert offer.offers(start, start + 2 * HOUR, now=start - DAY)
    assert not offer.offers(start, start + 3 * HOUR, now=start - DAY)


@pytest.mark.parametrize(
    ("exception", "fields"),
    [
        (off(TODAY - DAY, TODAY), {"from": "Choose a day from today on."}),
        (off(TODAY + DAY, TODAY), {"to": "The last day is before the first."}),
        (off(TODAY, TODAY + 732 * DAY), {"to": "Choose days within the next two years."}),
        (extra(TODAY, 600, 540), {"end": "The span ends before it starts."}),
        (extra(TODAY, 600, 600), {"end": "The span ends when it starts."}),
        (
            extra(TODAY, 605, 660),
            {"end": "The span starts and ends on a quarter hour, such as 09:15."},
        ),
        (
            replace(extra(TODAY, 600, 660), last=TODAY + DAY),
            {"to": "Extra hours are on one date. Add them for each date."},
        ),
        (
            extra(TODAY - DAY, 600, 540),
            {"from": "Choose a day from today on.", "end": "The span ends before it starts."},
        ),
    ],
)
def test_what_makes_no_sense_is_refused_by_field(
    exception: CalendarException, fields: dict[str, str]
) -> None:
    with pytest.raises(Invalid) as refused:
        checked_exception(exception, today=TODAY)
    assert refused.value.fields == fields


def test_adding_drops_what_is_over_keeps_the_order_and_the_same_once() -> None:
    stored = (off(TODAY - 9 * DAY, TODAY - DAY), off(TODAY + 9 * DAY), off(TODAY - DAY, TODAY))
    added = extra(TODAY + DAY, 600, 1440)

    once = with_exception(stored, added, today=TODAY)

    assert once == (off(TODAY - DAY, TODAY), added, off(TODAY + 9 * DAY))
    assert with_exception(once, added, today=TODAY) == once
    assert [each.id for each in once] == [
        "off_20261128_20261129", "extra_20261130_1000_2400", "off_20261208_20261208"
    ]  # fmt: skip


def test_the_number_is_limited_and_what_is_over_does_not_count() -> None:
    full = [off(TODAY + n * DAY) for n in range(EXCEPTIONS_MAXIMUM)]
    another = off(TODAY + 300 * DAY)

    with pytest.raises(TooManyExceptions):
        with_exception(full, another, today=TODAY)
    assert len(with_exception(full, another, today=TODAY + DAY)) == EXCEPTIONS_MAXIMUM


def test_one_is_removed_by_its_id_and_only_once() -> None:
    stored = (off(TODAY), extra(TODAY, 600, 660))

    rest = without_exception(stored, stored[0].id, today=TODAY)

    assert rest == (stored[1],)
    for gone in (stored[0].id, ExceptionId("off_1")):
        with pytest.raises(NoSuchException):
            without_exception(rest, gone, today=TODAY)


def test_a_day_off_counts_until_its_end_in_the_zone_of_the_developer() -> None:
    """At 18:00 UTC on 29 November it is 30 November in Auckland."""
    moment = datetime(2026, 11, 29, 18, tzinfo=UTC)
    auckland, honolulu = Availability("Pacific/Auckland"), Availability("Pacific/Honolulu")

    assert auckland.today(moment) == honolulu.today(moment) + timedelta(days=1)
    assert current((off(TODAY),), today=auckland.today(moment)) == ()
    assert current((off(TODAY),), today=honolulu.today(moment)) == (off(TODAY),)
