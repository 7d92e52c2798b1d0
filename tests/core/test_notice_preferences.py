"""Quiet hours on the clocks of a person, also on days on which the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from core.errors import Invalid
from core.notice_preferences import NoticePreferences, QuietHours
from core.policy import DAY, HOUR, MINUTE
from core.timezones import places

NIGHT = QuietHours("22:00", "07:30")
INDIA = "Asia/Kolkata"
EVENING = datetime(2026, 11, 27, 17, 0, tzinfo=UTC)
"""Friday, 22:30 in India."""
MORNING = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)
"""Saturday, 07:30 in India."""
clocks = some.integers(0, 95).map(lambda n: f"{n // 4:02d}:{n % 4 * 15:02d}")
moments = some.integers(0, 366 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + minutes * MINUTE
)


@pytest.mark.parametrize(
    ("local", "quiet"),
    [("21:59", False), ("22:00", True), ("00:00", True), ("07:29", True), ("07:30", False)],
)
def test_quiet_hours_include_midnight_and_end_before_their_end(local: str, quiet: bool) -> None:
    hour, minute = map(int, local.split(":"))
    moment = datetime(2026, 11, 27, hour, minute, tzinfo=ZoneInfo(INDIA))

    assert NIGHT.covers(moment, INDIA) is quiet


def test_what_comes_in_the_night_waits_until_the_morning_of_the_person() -> None:
    assert NIGHT.over_at(EVENING, INDIA) == MORNING
    assert NIGHT.over_at(MORNING, INDIA) == MORNING
    assert NIGHT.over_at(EVENING, "America/New_York") == EVENING, "it is noon there"


@pytest.mark.parametrize(
    ("clock", "over"),
    [
        # On 28 Mar 2027 the clocks of Madrid go from 02:00 to 03:00, which is 01:00 UTC.
        (("23:00", "02:30"), datetime(2027, 3, 28, 1, 0, tzinfo=UTC)),
        (("23:00", "03:30"), datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),
    ],
)
def test_an_end_that_the_clocks_skip_is_the_moment_of_the_change(
    clock: tuple[str, str], over: datetime
) -> None:
    evening = datetime(2027, 3, 27, 22, 30, tzinfo=UTC)

    assert QuietHours(*clock).over_at(evening, "Europe/Madrid") == over


def test_an_end_that_comes_twice_is_the_first_one_to_come() -> None:
    """On 25 Oct 2026 the clocks of Madrid show 02:00 to 03:00 twice, from midnight UTC on."""
    quiet, first = QuietHours("23:00", "02:30"), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)

    assert quiet.over_at(first - 2 * HOUR, "Europe/Madrid") == first
    assert quiet.over_at(first, "Europe/Madrid") == first
    again = first + 30 * MINUTE
    assert quiet.over_at(again, "Europe/Madrid") == first + HOUR, "quiet again at 02:00"


@given(moments, some.sampled_from(sorted(places())), clocks, clocks)
@example(datetime(2026, 3, 29, 0, 20, tzinfo=UTC), "Europe/Madrid", "00:00", "02:15")
@example(datetime(2026, 4, 4, 14, 40, tzinfo=UTC), "Australia/Lord_Howe", "23:00", "01:45")
@example(datetime(2026, 10, 3, 14, 0, tzinfo=UTC), "Australia/Lord_Howe", "23:00", "02:15")
def test_quiet_hours_end_at_the_first_moment_that_is_not_quiet(
    moment: datetime, zone: str, start: str, end: str
) -> None:
    if start == end:
        return
    quiet = QuietHours(start, end)

    over = quiet.over_at(moment, zone)

    assert moment <= over <= moment + DAY + 2 * HOUR
    assert not quiet.covers(over, zone)
    between = (moment + n * 5 * MINUTE for n in range(int((over - moment) / (5 * MINUTE))))
    assert all(quiet.covers(each, zone) for each in between)
    if over > moment:
        assert quiet.covers(over - timedelta(seconds=1), zone)


@pytest.mark.parametrize(
    ("until", "due"),
    [
        (None, MORNING),
        (MORNING + HOUR, MORNING),
        (MORNING + HOUR - MINUTE, EVENING),
        (EVENING + 10 * MINUTE, EVENING),
        (EVENING - MINUTE, MORNING),
    ],
)
def test_what_must_be_heard_before_the_last_hour_does_not_wait(
    until: datetime | None, due: datetime
) -> None:
    preferences = NoticePreferences("acc_1", quiet=NIGHT)

    assert preferences.due(EVENING, INDIA, until=until) == due


def test_what_is_urgent_does_not_wait() -> None:
    assert NoticePreferences("acc_1", quiet=NIGHT).due(EVENING, INDIA, urgent=True) == EVENING
    assert NoticePreferences("acc_1").due(EVENING, INDIA) == EVENING


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        ("24:00", "07:00", "quiet_start"),
        ("", "07:00", "quiet_start"),
        ("22:00", "7:00", "quiet_end"),
        ("22:00", "٠٧:٠٠", "quiet_end"),
        ("22:00", "22:00", "quiet_end"),
    ],
)
def test_other_texts_are_no_quiet_hours(start: str, end: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        QuietHours(start, end)

    assert list(refused.value.fields) == [field]
