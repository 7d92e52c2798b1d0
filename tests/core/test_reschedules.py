"""Moving a booking: who may propose which time until when, and which deadlines follow it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import reschedules
from core.bookings import MOVABLE, NEXT, Booking, BookingId, Status
from core.bookings_policy import BookingPolicy
from core.errors import Conflict, Forbidden, Invalid
from core.jobs import FROZEN, Frozen, Job, JobId
from core.jobs import Status as JobStatus
from core.policy import CELL, DAY, HOUR, MINUTE, Terms
from core.reschedules import (
    AlreadyProposed,
    NoMovesLeft,
    NothingProposed,
    NotMovable,
    ProposalChanged,
    TooLateToMove,
)
from core.reschedules_policy import ReschedulePolicy
from core.timeline import Actor, NextEvent
from tests.core.test_bookings import CLIENT, DEVELOPER, NOW, START, a_booking

LIMITS, POLICY = BookingPolicy(), ReschedulePolicy()
SECOND = timedelta(seconds=1)
NEW = START + DAY
SIDES = st.sampled_from([Actor.CLIENT, Actor.DEVELOPER])


def confirmed(**special: object) -> Booking:
    return a_booking(Status.CONFIRMED, paid_at=NOW, job_id="job_1", **special)


def propose(
    booking: Booking,
    start: datetime = NEW,
    *,
    by: Actor = Actor.CLIENT,
    now: datetime = NOW,
    reason: str = "",
) -> Booking:
    return reschedules.propose(
        booking, start, by=by, reason=reason, now=now, policy=POLICY, limits=LIMITS
    )


def accept(booking: Booking, *, by: Actor = Actor.DEVELOPER, now: datetime = NOW) -> Booking:
    return reschedules.accept(booking, by=by, now=now, limits=LIMITS)


@pytest.mark.parametrize("status", Status)
def test_paid_bookings_can_be_moved(status: Status) -> None:
    booking = a_booking(status, paid_at=NOW)

    if status in MOVABLE:
        assert accept(propose(booking)).start == NEW
    else:
        with pytest.raises(NotMovable):
            propose(booking)


def test_an_accepted_move_changes_the_time_and_nothing_else() -> None:
    booking = confirmed()

    moved = accept(propose(booking, reason=" Our release moved. "))

    assert moved == replace(booking, start=NEW, proposals=1, moves=1)
    assert (moved.price, moved.fee, moved.terms) == (booking.price, booking.fee, booking.terms)


def test_a_proposal_waits_a_day_and_is_the_next_event() -> None:
    proposed = propose(confirmed(), reason=" Our release moved. ")

    assert proposed.proposal
    assert proposed.proposal.reason == "Our release moved."
    assert proposed.proposal.answer_by == NOW + DAY
    assert proposed.start == START
    assert proposed.next_event(NOW) == NextEvent("answer_move", NOW + DAY)
    assert proposed.next_event(NOW + DAY) == NextEvent("meet", START)


@pytest.mark.parametrize(
    ("now", "start", "until"),
    [
        (START - 20 * HOUR, NEW, START - 12 * HOUR),
        (START - 2 * DAY, START - 2 * DAY + 6 * HOUR, START - 2 * DAY + 4 * HOUR),
        (START - 3 * DAY, NEW, START - 2 * DAY),
    ],
)
def test_the_answer_is_due_before_the_old_and_the_new_start(
    now: datetime, start: datetime, until: datetime
) -> None:
    proposed = propose(confirmed(), start, now=now)

    assert proposed.proposal
    assert proposed.proposal.answer_by == until
    assert accept(proposed, now=until - SECOND).start == start
    with pytest.raises(NothingProposed):
        accept(proposed, now=until)


def test_a_move_of_a_request_is_answered_before_the_request_ends() -> None:
    booking = a_booking(Status.REQUESTED, paid_at=NOW, accept_by=NOW + 5 * HOUR)

    proposed = propose(booking, by=Actor.DEVELOPER)

    assert proposed.proposal
    assert proposed.proposal.answer_by == NOW + 5 * HOUR
    assert proposed.next_event(NOW) == NextEvent("answer", NOW + 5 * HOUR)


def test_twelve_hours_before_the_start_it_is_too_late_to_propose() -> None:
    edge = START - 12 * HOUR

    assert propose(confirmed(), now=edge - SECOND).proposal
    with pytest.raises(TooLateToMove):
        propose(confirmed(), now=edge)


def test_two_times_can_be_proposed_for_one_booking() -> None:
    booking = accept(propose(confirmed()))
    again = propose(booking, START, by=Actor.DEVELOPER)
    kept = reschedules.withdraw(again, by=Actor.DEVELOPER, now=NOW)

    assert reschedules.moves_left(kept, POLICY) == 0
    with pytest.raises(NoMovesLeft):
        propose(kept, START)


def test_a_time_taken_by_others_does_not_count() -> None:
    ended = reschedules.taken(propose(confirmed()), NEW, now=NOW)

    assert ended == confirmed()
    assert reschedules.moves_left(ended, POLICY) == 2


def test_one_time_is_proposed_at_a_time() -> None:
    with pytest.raises(AlreadyProposed):
        propose(propose(confirmed()), NEW + HOUR, by=Actor.DEVELOPER)
    assert propose(propose(confirmed()), NEW + HOUR, now=NOW + DAY).proposals == 2


@pytest.mark.parametrize(
    "start",
    [
        START,
        NEW + MINUTE,
        NOW + 4 * HOUR - CELL,
        NOW - DAY,
        NOW + 60 * DAY,
    ],
)
def test_other_starts_are_refused(start: datetime) -> None:
    with pytest.raises(Invalid):
        propose(confirmed(), start)


def test_a_reason_has_a_limit() -> None:
    with pytest.raises(Invalid):
        propose(confirmed(), reason="x" * 1001)


def test_only_the_other_side_answers_and_only_the_own_is_withdrawn() -> None:
    proposed = propose(confirmed(), by=Actor.DEVELOPER)

    with pytest.raises(Forbidden):
        accept(proposed, by=Actor.DEVELOPER)
    with pytest.raises(Forbidden):
        reschedules.refuse(proposed, by=Actor.DEVELOPER, now=NOW)
    with pytest.raises(Forbidden):
        reschedules.withdraw(proposed, by=Actor.CLIENT, now=NOW)
    assert reschedules.refuse(proposed, by=Actor.CLIENT, now=NOW).start == START


def test_an_answer_to_another_proposal_than_the_shown_one_moves_nothing() -> None:
    proposed = propose(confirmed())

    with pytest.raises(ProposalChanged):
        reschedules.accept(
            proposed, by=Actor.DEVELOPER, now=NOW, limits=LIMITS, expecting=NEW + HOUR
        )


@pytest.mark.parametrize("status", sorted(set(Status) - MOVABLE))
def test_a_booking_that_ends_has_no_proposal(status: Status) -> None:
    for before in MOVABLE:
        if status in NEXT[before]:
            proposed = propose(a_booking(before, paid_at=NOW))
            assert proposed._to(status).proposal is None


@given(
    quarters=st.integers(16, 60 * 96 - 1),
    notice=st.integers(13, 24 * 59),
    by=SIDES,
    status=st.sampled_from([Status.REQUESTED, Status.CONFIRMED]),
)
def test_every_deadline_follows_the_new_time(
    quarters: int, notice: int, by: Actor, status: Status
) -> None:
    now, new = START - notice * HOUR, START - notice * HOUR + quarters * CELL
    booking = a_booking(status, paid_at=now, accept_by=LIMITS.accept_by(paid_at=now, start=START))
    try:
        proposed = propose(booking, new, by=by, now=now)
    except (Invalid, Conflict):
        assert new == START or new <= now + 4 * HOUR
        return
    other = Actor.CLIENT if by is Actor.DEVELOPER else Actor.DEVELOPER
    assert proposed.proposal
    last = proposed.proposal.answer_by - SECOND

    moved = accept(proposed, by=other, now=max(now, last))

    assert moved.end - moved.start == booking.end - booking.start
    assert len(moved.cells) == len(booking.cells)
    assert max(now, last) < START - 12 * HOUR
    if status is Status.REQUESTED:
        assert moved.accept_by == LIMITS.accept_by(paid_at=now, start=new)
        assert moved.accept_by > last
    percents = moved.terms.refund_changes_at(new)
    assert [at for at, _ in percents] == [new - DAY, new - 12 * HOUR]


def a_job(status: JobStatus = JobStatus.ACTIVE, **special: object) -> Job:
    usual = Job(
        id=JobId("job_1"),
        booking_id=BookingId("bkg_1"),
        client=CLIENT,
        developer=DEVELOPER,
        terms=Terms(),
        created_at=NOW,
        deliver_by=START + 2 * HOUR + 14 * DAY,
        booked_end=START + 2 * HOUR,
        revisions_allowed=2,
        status=status,
    )
    return replace(usual, **special)  # type: ignore[arg-type]


@pytest.mark.parametrize("by", [DAY, -DAY])
def test_delivery_and_review_follow_the_new_end(by: timedelta) -> None:
    end = START + 2 * HOUR + by

    delivered = a_job().deliver(now=NOW).move(end)

    assert a_job().move(end).deliver_by == end + 14 * DAY
    assert delivered.approve_by == end + 72 * HOUR
    assert delivered.review_starts == end


def test_an_extended_time_to_deliver_is_never_shortened() -> None:
    extended = a_job(deliver_by=START + 20 * DAY)

    assert extended.move(START + DAY).deliver_by == START + 20 * DAY
    assert extended.move(START + 9 * DAY).deliver_by == START + 23 * DAY


@pytest.mark.parametrize("status", sorted(FROZEN))
def test_a_frozen_job_is_not_moved(status: JobStatus) -> None:
    with pytest.raises(Frozen):
        a_job(status, frozen_from=JobStatus.ACTIVE, frozen_at=NOW).move(START + DAY)


STEPS: dict[str, Callable[[Booking], Booking]] = {
    "accept": accept,
    "refuse": lambda booking: reschedules.refuse(booking, by=Actor.DEVELOPER, now=NOW),
    "withdraw": lambda booking: reschedules.withdraw(booking, by=Actor.CLIENT, now=NOW),
    "taken": lambda booking: reschedules.taken(booking, NEW, now=NOW),
}


@pytest.mark.parametrize("first", STEPS)
@pytest.mark.parametrize("second", STEPS)
def test_a_proposal_ends_once(first: str, second: str) -> None:
    ended = STEPS[first](propose(confirmed()))

    with pytest.raises(NothingProposed):
        STEPS[second](ended)
