"""Free hours, compared with a slow and simple calculation by local time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.availability import (
    Availability,
    Slot,
    cell_of,
    cells_between,
    checked_booking_range,
    time_of,
)
from core.bookings_policy import BookingPolicy
from core.calendar_exceptions import CalendarException, ExceptionKind
from core.errors import Invalid
from core.policy import CELL, DAY, HOUR, MINUTE
from core.weekly_hours import Window, checked_weekly

ALWAYS = tuple(Window(day, 0, 24 * 60) for day in range(7))
BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
KOLKATA, KATHMANDU = "Asia/Kolkata", "Asia/Kathmandu"
LORD_HOWE, HAVANA, SANTIAGO = "Australia/Lord_Howe", "America/Havana", "America/Santiago"
CHANGES = {
    BERLIN: (date(2026, 3, 29), date(2026, 10, 25)),
    NEW_YORK: (date(2026, 3, 8), date(2026, 11, 1)),
    LORD_HOWE: (date(2026, 4, 5), date(2026, 10, 4)),
    HAVANA: (date(2026, 3, 8), date(2026, 11, 1)),
    SANTIAGO: (date(2026, 4, 4), date(2026, 9, 6)),
    KOLKATA: (date(2026, 12, 31), date(2028, 2, 29)),
    KATHMANDU: (date(2026, 12, 31), date(2028, 2, 29)),
}
"""Days on which the clocks change, or, where they never do, on which the calendar is special."""


def on(zone: str, *when: int, fold: int = 0) -> datetime:
    """A local time of the zone, as an instant."""
    year, month, day, hour, minute = when
    return datetime(year, month, day, hour, minute, fold=fold, tzinfo=ZoneInfo(zone)).astimezone(
        UTC
    )


def is_offered_in_local_time(offer: Availability, cell: int) -> bool:
    """Whether the clock shows a time inside a window when that quarter hour begins."""
    local = time_of(cell).astimezone(ZoneInfo(offer.timezone))
    minute, day = local.hour * 60 + local.minute, local.date()
    here = [each for each in offer.exceptions if each.first <= day <= each.last]
    extra = [each for each in here if each.kind is ExceptionKind.EXTRA_HOURS]
    if any(each.start <= minute < each.end for each in extra):
        return True
    if len(here) > len(extra):  # a day off
        return False
    return any(w.day == day.weekday() and w.start <= minute < w.end for w in offer.weekly)


def counted(
    offer: Availability, since: datetime, until: datetime, hours: int, busy: set[int], now: datetime
) -> list[Slot]:
    """Every quarter hour from a day before to a day after, asked one by one."""
    found = []
    for cell in range(cell_of(since) - 96, cell_of(until) + 96):
        start, end = time_of(cell), time_of(cell) + hours * HOUR
        near_enough = now + offer.minimum_notice <= start < now + offer.horizon
        if since <= start < until and near_enough:
            cells = cells_between(start, end)
            if all(is_offered_in_local_time(offer, c) and c not in busy for c in cells):
                found.append(Slot(start, end))
    return found


def all_slots(offer: Availability, since: datetime, until: datetime, hours: int = 1) -> list[Slot]:
    return offer.slots(since=since, until=until, hours=hours, busy=(), now=since - 10 * DAY)


def starts(slots: list[Slot], zone: str) -> list[str]:
    return [f"{slot.start.astimezone(ZoneInfo(zone)):%d %H:%M}" for slot in slots]


quarters = st.integers(0, 96).map(lambda n: n * 15)


@st.composite
def weeks(draw: st.DrawFn) -> tuple[Window, ...]:
    """Up to two stretches a day; the second may touch the first, the last may end at 24:00."""
    windows = []
    for day in range(7):
        times = sorted(draw(st.lists(quarters, max_size=4, unique=True)))
        for first, end in zip(times[::2], times[1::2], strict=False):
            windows.append(Window(day, first, end))
    return checked_weekly(windows)


@st.composite
def exceptions_near(draw: st.DrawFn, day: date) -> tuple[CalendarException, ...]:
    """Up to three, from two days before that day to two days after; they may overlap."""
    found = []
    for _ in range(draw(st.integers(0, 3))):
        first = day + draw(st.integers(-2, 2)) * DAY
        if draw(st.booleans()):
            last = first + draw(st.integers(0, 2)) * DAY
            found.append(CalendarException(ExceptionKind.DAYS_OFF, first, last))
        else:
            start, end = sorted(draw(st.lists(quarters, min_size=2, max_size=2, unique=True)))
            found.append(CalendarException(ExceptionKind.EXTRA_HOURS, first, first, start, end))
    return tuple(found)


@st.composite
def situations(
    draw: st.DrawFn,
) -> tuple[Availability, datetime, datetime, int, set[int], datetime]:
    zone = draw(st.sampled_from(sorted(CHANGES)))
    day = draw(st.sampled_from(CHANGES[zone]))
    around = datetime(day.year, day.month, day.day, tzinfo=UTC)
    since = around + timedelta(minutes=draw(st.integers(-2 * 1440, 1440)))
    until = since + timedelta(minutes=draw(st.integers(0, 3 * 1440)))
    now = since - timedelta(seconds=draw(st.integers(0, 3 * 86_400)), microseconds=draw(fractions))
    busy = draw(st.sets(st.integers(cell_of(since), cell_of(since) + 300), max_size=12))
    offer = Availability(
        zone,
        draw(st.one_of(weeks(), st.just(ALWAYS))),
        minimum_notice=draw(st.integers(4, 60)) * HOUR,
        horizon=draw(st.integers(1, 6)) * DAY,
        exceptions=draw(exceptions_near(day)),
    )
    return offer, since, until, draw(st.integers(1, 8)), busy, now


fractions = st.sampled_from([0, 0, 1, 999_999])


@settings(max_examples=500, deadline=None, derandomize=True, database=None)
@given(situations())
def test_slots_are_what_the_clock_on_the_wall_says(
    situation: tuple[Availability, datetime, datetime, int, set[int], datetime],
) -> None:
    offer, since, until, hours, busy, now = situation
    slots = offer.slots(since=since, until=until, hours=hours, busy=busy, now=now)
    assert slots == counted(offer, since, until, hours, busy, now)


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(situations())
def test_what_is_offered_is_what_is_listed(
    situation: tuple[Availability, datetime, datetime, int, set[int], datetime],
) -> None:
    offer, since, until, hours, _, now = situation
    listed = {s.start for s in offer.slots(since=since, until=until, hours=hours, busy=(), now=now)}
    for cell in range(cell_of(since), cell_of(until)):
        start = time_of(cell)
        if start >= since:
            offered = offer.offers(start, start + hours * HOUR, now=now)
            assert offered == (start in listed), start


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(situations(), st.sampled_from([2, 4]))
def test_a_wider_step_lists_some_of_the_same_starts(
    situation: tuple[Availability, datetime, datetime, int, set[int], datetime], step: int
) -> None:
    offer, since, until, hours, busy, now = situation
    every = offer.slots(since=since, until=until, hours=hours, busy=busy, now=now)
    some = offer.slots(since=since, until=until, hours=hours, busy=busy, now=now, step=step)
    assert set(some) <= set(every)
    assert some == sorted(some, key=lambda slot: slot.start)


def test_steps_are_counted_on_the_developers_own_clock() -> None:
    morning = Availability(KATHMANDU, (Window(0, 9 * 60, 11 * 60),))
    monday = on(KATHMANDU, 2026, 11, 23, 0, 0)
    slots = morning.slots(
        since=monday, until=monday + DAY, hours=1, busy=(), now=monday - DAY, step=2
    )
    assert starts(slots, KATHMANDU) == ["23 09:00", "23 09:30", "23 10:00"]


def test_a_skipped_hour_is_not_offered_and_nothing_else_moves() -> None:
    """Berlin, 29 March 2026: after 01:59 comes 03:00."""
    night = Availability(BERLIN, (Window(6, 60, 4 * 60),))
    slots = all_slots(night, on(BERLIN, 2026, 3, 29, 0, 0), on(BERLIN, 2026, 3, 30, 0, 0))
    assert starts(slots, BERLIN) == [
        "29 01:00", "29 01:15", "29 01:30", "29 01:45", "29 03:00",
    ]  # fmt: skip
    assert slots[1].end == on(BERLIN, 2026, 3, 29, 3, 15)


@pytest.mark.parametrize(("first", "last"), [(120, 180), (120, 150), (135, 180)])
def test_a_window_that_lies_in_a_skipped_hour_offers_nothing(first: int, last: int) -> None:
    nothing = Availability(BERLIN, (Window(6, first, last),))
    sunday = on(BERLIN, 2026, 3, 29, 0, 0)
    assert all_slots(nothing, sunday, sunday + DAY) == []
    assert not nothing.offers(
        on(BERLIN, 2026, 3, 29, 3, 0), on(BERLIN, 2026, 3, 29, 4, 0), now=sunday - DAY
    )


def test_a_window_that_begins_in_a_skipped_hour_begins_when_the_clocks_jump() -> None:
    early = Availability(BERLIN, (Window(6, 150, 300),))
    sunday = on(BERLIN, 2026, 3, 29, 0, 0)
    slots = all_slots(early, sunday, sunday + DAY)
    assert slots[0].start == on(BERLIN, 2026, 3, 29, 3, 0)
    assert slots[-1].end == on(BERLIN, 2026, 3, 29, 5, 0)


def test_a_repeated_hour_is_offered_both_times() -> None:
    """Berlin, 25 October 2026: 02:00 to 03:00 comes twice."""
    night = Availability(BERLIN, (Window(6, 120, 180),))
    sunday = on(BERLIN, 2026, 10, 25, 0, 0)
    slots = all_slots(night, sunday, sunday + DAY, hours=2)
    assert slots == [Slot(on(BERLIN, 2026, 10, 25, 2, 0), on(BERLIN, 2026, 10, 25, 3, 0))]


def test_a_day_that_begins_at_one_in_the_morning() -> None:
    """Havana, 8 March 2026: after 23:59 of the day before comes 01:00."""
    night = Availability(HAVANA, (Window(5, 23 * 60, 24 * 60), Window(6, 0, 120)))
    slots = all_slots(night, on(HAVANA, 2026, 3, 7, 12, 0), on(HAVANA, 2026, 3, 8, 12, 0), hours=2)
    assert starts(slots, HAVANA) == ["07 23:00"]
    assert slots[0].end == on(HAVANA, 2026, 3, 8, 2, 0)


@pytest.mark.parametrize(
    ("zone", "evening"),
    [(KOLKATA, (2026, 11, 23, 23, 0)), (NEW_YORK, (2026, 12, 31, 23, 0)),
     (KATHMANDU, (2028, 2, 28, 23, 0))],
)  # fmt: skip
def test_a_booking_may_run_over_midnight_year_end_and_leap_day(
    zone: str, evening: tuple[int, ...]
) -> None:
    start = on(zone, *evening)
    weekday = start.astimezone(ZoneInfo(zone)).weekday()
    late = (Window(weekday, 22 * 60, 24 * 60), Window((weekday + 1) % 7, 0, 60))
    offer = Availability(zone, checked_weekly(late))
    assert offer.offers(start, start + 2 * HOUR, now=start - DAY)
    assert not offer.offers(start, start + 3 * HOUR, now=start - DAY)
    assert Slot(start, start + 2 * HOUR) in all_slots(offer, start - HOUR, start + HOUR, hours=2)


def test_a_window_may_end_at_midnight_and_not_a_quarter_later() -> None:
    offer = Availability(KOLKATA, (Window(0, 23 * 60, 24 * 60),))
    eleven = on(KOLKATA, 2026, 11, 23, 23, 0)
    assert starts(all_slots(offer, eleven - DAY, eleven + DAY), KOLKATA) == ["23 23:00"]
    assert not offer.offers(eleven + CELL, eleven + CELL + HOUR, now=eleven - DAY)


def test_notice_and_horizon_are_met_to_the_second() -> None:
    offer = Availability(KOLKATA, ALWAYS, minimum_notice=4 * HOUR, horizon=2 * DAY)
    ten = on(KOLKATA, 2026, 11, 23, 10, 0)
    second = timedelta(seconds=1)

    assert offer.offers(ten, ten + HOUR, now=ten - 4 * HOUR)
    assert not offer.offers(ten, ten + HOUR, now=ten - 4 * HOUR + second)
    assert offer.offers(ten, ten + HOUR, now=ten - 2 * DAY + second)
    assert not offer.offers(ten, ten + HOUR, now=ten - 2 * DAY)


def test_busy_cells_take_away_every_start_that_would_touch_them() -> None:
    offer = Availability(KOLKATA, ALWAYS)
    ten = on(KOLKATA, 2026, 11, 23, 10, 0)
    slots = offer.slots(
        since=ten, until=ten + 2 * HOUR, hours=1, busy={cell_of(ten + HOUR)}, now=ten - DAY
    )
    assert starts(slots, KOLKATA) == ["23 10:00", "23 11:15", "23 11:30", "23 11:45"]


def test_notice_and_horizon_stay_within_the_policy() -> None:
    policy = BookingPolicy()
    assert checked_booking_range(notice_hours=4, horizon_days=60, policy=policy) == (
        4 * HOUR,
        60 * DAY,
    )
    for notice, horizon in ((3, 60), (14 * 24 + 1, 60), (4, 0), (4, 61)):
        with pytest.raises(Invalid):
            checked_booking_range(notice_hours=notice, horizon_days=horizon, policy=policy)


def test_cells_and_moments_name_each_other() -> None:
    ten = on(KOLKATA, 2026, 11, 23, 10, 0)
    assert time_of(cell_of(ten)) == ten
    assert cell_of(ten + CELL - timedelta(microseconds=1)) == cell_of(ten)
    assert len(cells_between(ten, ten + 90 * MINUTE)) == 6
