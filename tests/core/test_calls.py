"""When the room of a booking is open, and what stays in it say about who was there."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.bookings import BookingId, Status
from core.calls import (
    CallClosed,
    Presence,
    Stay,
    Verdict,
    Window,
    attendance,
    check_open,
    presences_of,
    together,
)
from core.calls_policy import CallPolicy
from core.policy import HOUR, MINUTE, SECOND
from onehour.testing.samples.bookings import a_booking

POLICY = CallPolicy()
BOOKING = a_booking(status=Status.CONFIRMED)
START, END = BOOKING.start, BOOKING.end
GITA = BOOKING.client.account_id
AFTER = END + HOUR


def a_stay(since: timedelta, until: timedelta, name: str = "one", **changes: object) -> Stay:
    """From and until these times after the start."""
    values = {"left_at": START + until, "inside": True, **changes}
    return Stay(BOOKING.id, GITA, name, START + since, START + until, **values)  # type: ignore[arg-type]


def verdict(*stays: Stay, now: datetime = AFTER) -> Verdict:
    return attendance(BOOKING, stays, GITA, now=now, policy=POLICY).verdict


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        (START - 15 * MINUTE - SECOND, "The room of this booking is not open yet."),
        (START - 15 * MINUTE, ""),
        (END + 30 * MINUTE - SECOND, ""),
        (END + 30 * MINUTE, "The room of this booking has closed."),
    ],
)
def test_the_room_is_open_from_a_quarter_before_until_half_an_hour_after(
    now: datetime, reason: str
) -> None:
    if not reason:
        window = check_open(BOOKING, now=now, policy=POLICY)
        assert window == Window(START - 15 * MINUTE, END + 30 * MINUTE)
        return
    with pytest.raises(CallClosed, match=reason):
        check_open(BOOKING, now=now, policy=POLICY)


def test_a_booking_keeps_the_times_of_its_meeting_and_older_ones_have_the_present() -> None:
    kept = replace(BOOKING, call_terms=CallPolicy(5 * MINUTE, 0 * MINUTE, 2 * MINUTE))
    changed = CallPolicy(HOUR, HOUR, 20 * MINUTE)
    late = a_stay(3 * MINUTE, 50 * MINUTE)

    assert Window.of(kept, changed) == Window(START - 5 * MINUTE, END)
    assert attendance(kept, [late], GITA, now=AFTER, policy=changed).verdict is Verdict.LATE
    assert Window.of(BOOKING, changed) == Window(START - HOUR, END + HOUR)
    assert attendance(BOOKING, [late], GITA, now=AFTER, policy=changed).verdict is Verdict.ATTENDED


@pytest.mark.parametrize("status", Status)
def test_only_bookings_with_a_meeting_have_a_room(status: Status) -> None:
    booking = a_booking(status=status)
    if status in (Status.CONFIRMED, Status.COMPLETED):
        assert check_open(booking, now=START, policy=POLICY)
        return
    with pytest.raises(CallClosed, match="no meeting"):
        check_open(booking, now=START, policy=POLICY)


def test_who_was_there_at_the_start_or_ten_minutes_later_has_attended() -> None:
    assert verdict(a_stay(-10 * MINUTE, 50 * MINUTE)) is Verdict.ATTENDED
    assert verdict(a_stay(10 * MINUTE, 50 * MINUTE)) is Verdict.ATTENDED
    assert verdict(a_stay(10 * MINUTE + SECOND, 50 * MINUTE)) is Verdict.LATE


def test_who_left_before_the_start_has_not_attended() -> None:
    asked = a_stay(-14 * MINUTE, -14 * MINUTE, "asked", left_at=None, inside=False)

    assert verdict(asked, a_stay(-14 * MINUTE, -MINUTE)) is Verdict.ABSENT


def test_nobody_is_absent_before_the_no_show_point() -> None:
    assert verdict(now=START + 10 * MINUTE - SECOND) is Verdict.EXPECTED
    assert verdict(now=START + 10 * MINUTE) is Verdict.ABSENT


def test_trouble_with_the_connection_is_no_absence() -> None:
    asked = a_stay(timedelta(), timedelta(), left_at=None, inside=False)
    failed = a_stay(timedelta(), MINUTE, left_at=None, inside=False, trouble=True)

    assert verdict(asked) is Verdict.TROUBLE
    assert verdict(failed) is Verdict.TROUBLE
    assert verdict(asked, a_stay(5 * MINUTE, HOUR)) is Verdict.ATTENDED


def test_the_other_party_does_not_count() -> None:
    other = Stay(BOOKING.id, "acc_other", "one", START, END, inside=True)

    assert verdict(other) is Verdict.ABSENT


def test_a_reload_of_the_page_is_no_gap() -> None:
    stays = [a_stay(timedelta(), 5 * MINUTE), a_stay(6 * MINUTE, 9 * MINUTE, "two")]
    away = a_stay(10 * MINUTE + SECOND, 12 * MINUTE, "three")

    found = presences_of([away, *stays], Window.of(BOOKING, POLICY))

    assert found == (
        Presence(START, START + 9 * MINUTE),
        Presence(START + 10 * MINUTE + SECOND, START + 12 * MINUTE),
    )


def test_time_outside_of_the_window_does_not_count() -> None:
    (found,) = presences_of([a_stay(-HOUR, 9 * HOUR)], Window.of(BOOKING, POLICY))

    assert found == Presence(START - 15 * MINUTE, END + 30 * MINUTE)


def test_both_are_together_while_both_are_there() -> None:
    one = attendance(BOOKING, [a_stay(timedelta(), HOUR)], GITA, now=AFTER, policy=POLICY)
    stays = [a_stay(-MINUTE, 5 * MINUTE), a_stay(10 * MINUTE, 2 * HOUR, "two")]
    other = attendance(BOOKING, stays, GITA, now=AFTER, policy=POLICY)

    assert together(one, other) == together(other, one) == 55 * MINUTE


def test_who_was_seen_a_moment_ago_is_here() -> None:
    stay = a_stay(timedelta(), MINUTE, left_at=None)

    assert stay.is_here(START + MINUTE + 11 * SECOND)
    assert not stay.is_here(START + MINUTE + 12 * SECOND)
    assert not a_stay(timedelta(), MINUTE).is_here(START + MINUTE)


moments = st.integers(-900, 9000).map(lambda seconds: START + seconds * SECOND)
notes = st.builds(
    lambda at, left, inside, trouble: Stay(
        BookingId("bkg_1"), GITA, "one", at, at, at if left else None, inside, trouble
    ),
    moments,
    st.booleans(),
    st.booleans(),
    st.booleans(),
)


@given(st.lists(notes, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_lost_order_and_repeats_of_notes_change_nothing(
    given_notes: list[Stay], order: random.Random
) -> None:
    repeated = [*given_notes, *order.choices(given_notes, k=3)]
    order.shuffle(repeated)

    assert merged(repeated) == merged(given_notes)


def merged(stays: list[Stay]) -> Stay:
    first, *rest = stays
    for each in rest:
        first = first.merged(each)
    return first
