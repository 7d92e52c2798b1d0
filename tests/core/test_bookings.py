"""States of a booking: every step from every state, and amounts at the limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.bookings import (
    HOLDING,
    NEXT,
    Booking,
    BookingId,
    IllegalTransition,
    Party,
    Status,
    TooLateToAnswer,
    checked_request,
)
from core.bookings_messages import answer_deadlines, answer_reminder_at
from core.bookings_policy import BookingPolicy
from core.errors import Invalid
from core.money import Money
from core.policy import CELL, DAY, HOUR, MINUTE, Terms
from core.timeline import Actor, NextEvent

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
START = NOW + 3 * DAY
POLICY = BookingPolicy()
SECOND = timedelta(seconds=1)
CLIENT = Party("cli_1", "acc_1", "Meera Krishnan", "Asia/Kolkata")
DEVELOPER = Party("dev_1", "acc_2", "Lucía Fernández", "Europe/Madrid")


def a_booking(status: Status = Status.HELD, **special: object) -> Booking:
    usual = Booking(
        id=BookingId("bkg_1"),
        client=CLIENT,
        developer=DEVELOPER,
        start=START,
        hours=2,
        brief="Our report takes 38 seconds.",
        rate=Money(240_000),
        terms=Terms(),
        created_at=NOW,
        shown_until=NOW + POLICY.hold,
        hold_ends=POLICY.hold_ends(held_at=NOW),
        payment_id="pay_1",
        revisions=2,
        status=status,
        accept_by=NOW + DAY,
    )
    return replace(usual, **special)  # type: ignore[arg-type]


STEPS: dict[str, tuple[Callable[[Booking], Booking], set[Status], Status]] = {
    "pay": (
        lambda b: b.pay(job_id="job_1", now=NOW, policy=POLICY),
        {Status.HELD, Status.EXPIRED},
        Status.REQUESTED,
    ),
    "expire": (lambda b: b.expire(), {Status.HELD}, Status.EXPIRED),
    "release": (lambda b: b.release(), {Status.HELD}, Status.CANCELLED),
    "accept": (lambda b: b.accept(now=NOW), {Status.REQUESTED}, Status.CONFIRMED),
    "decline": (lambda b: b.decline(reason="Ill"), {Status.REQUESTED}, Status.DECLINED),
    "auto_cancel": (
        lambda b: b.auto_cancel(now=NOW + DAY),
        {Status.REQUESTED},
        Status.CANCELLED,
    ),
    "cancel": (
        lambda b: b.cancel(reason="Moved", now=NOW),
        {Status.REQUESTED, Status.CONFIRMED},
        Status.CANCELLED,
    ),
    "complete": (lambda b: b.complete(), {Status.CONFIRMED}, Status.COMPLETED),
}


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("name", STEPS)
def test_every_step_from_every_state_is_allowed_or_refused(name: str, status: Status) -> None:
    step, allowed, then = STEPS[name]
    booking = a_booking(status)
    if status in allowed:
        assert step(booking).status is then
    else:
        with pytest.raises(IllegalTransition):
            step(booking)


def test_the_steps_and_the_table_agree() -> None:
    taken = {(before, then) for _, allowed, then in STEPS.values() for before in allowed}
    assert taken == {(before, then) for before in NEXT for then in NEXT[before]}
    assert set(NEXT) == set(Status)


def test_the_hour_is_held_until_the_booking_ends_without_it() -> None:
    assert {status for status in Status if a_booking(status).holds} == HOLDING
    assert set(Status) - HOLDING == {Status.EXPIRED, Status.DECLINED, Status.CANCELLED}


def test_a_booking_occupies_each_of_its_quarter_hours_and_no_other() -> None:
    booking, next_door = a_booking(), a_booking(start=START + 2 * HOUR)
    assert len(booking.cells) == 8
    assert not set(booking.cells) & set(next_door.cells)
    assert set(booking.cells) & set(a_booking(start=START + 2 * HOUR - CELL).cells)


@given(st.integers(1, 10_000_000), st.integers(1, 8), st.integers(0, 100))
def test_fee_and_earning_are_the_price(rate: int, hours: int, percent: int) -> None:
    booking = a_booking(rate=Money(rate), hours=hours, terms=Terms(fee_percent=percent))
    assert booking.fee + booking.earning == booking.price
    assert Money(0) <= booking.fee <= booking.price


@pytest.mark.parametrize(
    ("notice", "accept_by"),
    [
        (3 * DAY, NOW + 24 * HOUR),
        (26 * HOUR + SECOND, NOW + 24 * HOUR),
        (26 * HOUR, NOW + 24 * HOUR),
        (26 * HOUR - SECOND, NOW + 24 * HOUR - SECOND),
        (4 * HOUR, NOW + 2 * HOUR),
        (2 * HOUR + SECOND, NOW + SECOND),
    ],
)
def test_the_developer_answers_within_a_day_and_two_hours_before_the_start(
    notice: timedelta, accept_by: datetime
) -> None:
    paid = a_booking(start=NOW + notice).pay(job_id="job_1", now=NOW, policy=POLICY)
    assert (paid.paid_at, paid.accept_by, paid.job_id) == (NOW, accept_by, "job_1")


@pytest.mark.parametrize("status", [Status.HELD, Status.EXPIRED])
def test_money_that_comes_when_nobody_can_answer_any_more_is_refused(status: Status) -> None:
    with pytest.raises(TooLateToAnswer):
        a_booking(status, start=NOW + 2 * HOUR).pay(job_id="job_1", now=NOW, policy=POLICY)


def test_at_the_same_second_the_developer_is_late_and_the_deadline_is_not_early() -> None:
    asked = a_booking(Status.REQUESTED)
    moment = NOW + DAY
    assert asked.accept(now=moment - SECOND).status is Status.CONFIRMED
    with pytest.raises(TooLateToAnswer):
        asked.accept(now=moment)
    with pytest.raises(IllegalTransition):
        asked.auto_cancel(now=moment - SECOND)
    assert asked.auto_cancel(now=moment).status is Status.CANCELLED


def test_the_reminder_comes_at_half_of_the_time_to_answer() -> None:
    asked = a_booking(Status.REQUESTED, accept_by=NOW + 2 * HOUR)
    assert answer_reminder_at(asked, now=NOW) == NOW + HOUR
    assert answer_reminder_at(a_booking(accept_by=None), now=NOW) is None
    assert answer_deadlines(asked.id) == (
        "bkg_1:bookings.auto_cancel",
        "bkg_1:bookings.remind_answer",
    )


@pytest.mark.parametrize(
    ("notice", "percent"),
    [
        (72 * HOUR, 100),
        (24 * HOUR, 100),
        (24 * HOUR - SECOND, 50),
        (12 * HOUR, 50),
        (12 * HOUR - SECOND, 0),
        (timedelta(0), 0),
        (-HOUR, 0),
    ],
)
def test_what_a_client_gets_back_falls_at_the_named_moments(
    notice: timedelta, percent: int
) -> None:
    confirmed = a_booking(Status.CONFIRMED)
    now = confirmed.start - notice
    assert confirmed.cancellation_refund(by=Actor.CLIENT, now=now) == confirmed.price.percent(
        percent
    )
    assert confirmed.cancellation_refund(by=Actor.DEVELOPER, now=now) == confirmed.price
    assert (
        a_booking(Status.REQUESTED).cancellation_refund(by=Actor.CLIENT, now=now) == confirmed.price
    )


@given(
    price=st.integers(1, 10**9),
    notices=st.tuples(st.integers(-(10**5), 10**6), st.integers(-(10**5), 10**6)),
)
@example(price=480_001, notices=(12 * 3600, 12 * 3600 - 1))
@example(price=1, notices=(24 * 3600, 24 * 3600 - 1))
def test_the_refund_never_rises_as_the_start_nears(price: int, notices: tuple[int, int]) -> None:
    """Seconds before the start; at each of the moments, and between them."""
    confirmed = replace(a_booking(Status.CONFIRMED), rate=Money(price), hours=1, price_lines=())
    steps = {int(step.notice.total_seconds()) for step in confirmed.terms.refund_steps}
    moments = sorted({*notices, *steps, *(step - 1 for step in steps)}, reverse=True)

    refunds = [
        confirmed.cancellation_refund(
            by=Actor.CLIENT, now=confirmed.start - timedelta(seconds=seconds)
        )
        for seconds in moments
    ]

    assert refunds == sorted(refunds, key=lambda refund: refund.amount, reverse=True)
    assert all(0 <= refund.amount <= price for refund in refunds)


def test_the_moments_at_which_the_refund_falls_are_shown_in_advance() -> None:
    assert Terms().refund_changes_at(START) == ((START - DAY, 50), (START - 12 * HOUR, 0))


def test_a_confirmed_booking_is_not_cancelled_after_its_start() -> None:
    confirmed = a_booking(Status.CONFIRMED)
    assert confirmed.cancel(reason="", now=START - SECOND).status is Status.CANCELLED
    with pytest.raises(IllegalTransition):
        confirmed.cancel(reason="", now=START)
    assert confirmed.abandon(reason="Nothing came.").status is Status.CANCELLED


def test_an_approved_booking_is_not_cancelled_even_before_its_start() -> None:
    with pytest.raises(IllegalTransition, match="money is released"):
        a_booking(Status.COMPLETED).cancel(reason="", now=NOW)


@pytest.mark.parametrize(
    ("status", "comes"),
    [
        (Status.HELD, NextEvent("pay", NOW + 15 * MINUTE)),
        (Status.REQUESTED, NextEvent("answer", NOW + DAY)),
        (Status.CONFIRMED, NextEvent("meet", START)),
        (Status.COMPLETED, NextEvent("meet", START)),
        (Status.CANCELLED, None),
        (Status.EXPIRED, None),
        (Status.DECLINED, None),
    ],
)
def test_what_comes_next(status: Status, comes: NextEvent | None) -> None:
    assert a_booking(status).next_event(NOW) == comes


@pytest.mark.parametrize("status", [Status.CONFIRMED, Status.COMPLETED])
def test_the_meeting_comes_next_until_it_starts_and_is_ahead_until_it_ends(status: Status) -> None:
    booking = a_booking(status)
    meeting = NextEvent("meet", START)
    moments = (START - SECOND, START, START + 2 * HOUR - SECOND, START + 2 * HOUR)
    assert [booking.next_event(now) for now in moments] == [meeting, None, None, None]
    assert [booking.is_ahead(now) for now in moments] == [True, True, True, False]


def test_only_an_agreed_time_is_ahead() -> None:
    ahead = {status for status in Status if a_booking(status).is_ahead(NOW)}
    assert ahead == {Status.CONFIRMED, Status.COMPLETED}


@pytest.mark.parametrize("hours", [0, -1, 9])
def test_hours_outside_the_limits_are_refused(hours: int) -> None:
    with pytest.raises(Invalid) as refused:
        checked_request(start=START, hours=hours, brief="Slow", policy=POLICY)
    assert set(refused.value.fields) == {"hours"}


@pytest.mark.parametrize("late", [SECOND, timedelta(microseconds=1), 7 * MINUTE])
def test_bookings_start_on_the_quarter_hour(late: timedelta) -> None:
    with pytest.raises(Invalid) as refused:
        checked_request(start=START + late, hours=1, brief="Slow", policy=POLICY)
    assert set(refused.value.fields) == {"start"}


@pytest.mark.parametrize("brief", ["", " \n\t", "x" * 4_001, "x" * 10_000])
def test_a_brief_is_neither_empty_nor_endless(brief: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked_request(start=START, hours=1, brief=brief, policy=POLICY)
    assert set(refused.value.fields) == {"brief"}


@pytest.mark.parametrize("brief", ["x" * 4_000, "नमस्ते 👋🏽", "<b>&amp;", "tab\tand\nline"])
def test_a_brief_is_kept_as_it_was_written(brief: str) -> None:
    assert checked_request(start=START, hours=8, brief=f" {brief}\n", policy=POLICY) == brief


def test_a_reason_has_its_limit() -> None:
    asked = a_booking(Status.REQUESTED)
    assert asked.decline(reason=" Ill \n").reason == "Ill"
    with pytest.raises(Invalid):
        asked.decline(reason="x" * 1_001)
