"""States of a job, and the deadlines of the developer and the client."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from core.jobs import (
    NEXT,
    Frozen,
    IllegalTransition,
    Job,
    JobId,
    NoRevisionsLeft,
    Status,
    checked_notes,
)
from core.policy import DAY, HOUR, Terms
from core.timeline import NextEvent
from tests.core.test_bookings import CLIENT, DEVELOPER, NOW

SECOND = timedelta(seconds=1)
DELIVER_BY = NOW + 14 * DAY


def a_job(status: Status = Status.OPEN, **special: object) -> Job:
    usual = Job(
        id=JobId("job_1"),
        booking_id="bkg_1",
        client=CLIENT,
        developer=DEVELOPER,
        terms=Terms(),
        booked_end=NOW,
        deliver_by=DELIVER_BY,
        revisions_allowed=2,
        created_at=NOW,
        status=status,
    )
    return replace(usual, **special)  # type: ignore[arg-type]


STEPS: dict[str, tuple[Callable[[Job], Job], set[Status], Status]] = {
    "activate": (lambda j: j.activate(), {Status.OPEN}, Status.ACTIVE),
    "deliver": (
        lambda j: j.deliver(now=NOW),
        {Status.ACTIVE, Status.CHANGES_REQUESTED},
        Status.DELIVERED,
    ),
    "request_changes": (
        lambda j: j.request_changes(now=NOW),
        {Status.DELIVERED},
        Status.CHANGES_REQUESTED,
    ),
    "send_again": (lambda j: j.send_again(now=NOW), {Status.DELIVERED}, Status.CHANGES_REQUESTED),
    "approve": (lambda j: j.approve(), {Status.DELIVERED}, Status.APPROVED),
    "dispute": (
        lambda j: j.dispute("dsp_1", now=NOW),
        {Status.ACTIVE, Status.DELIVERED, Status.CHANGES_REQUESTED},
        Status.DISPUTED,
    ),
    "propose_cancellation": (
        lambda j: j.propose_cancellation("dsp_1", now=NOW),
        {Status.DELIVERED, Status.CHANGES_REQUESTED},
        Status.CANCELLING,
    ),
    "contest": (lambda j: j.contest(), {Status.CANCELLING}, Status.DISPUTED),
    "settle": (lambda j: j.settle(), {Status.DISPUTED}, Status.SETTLED),
    "lose_money": (
        lambda j: j.lose_money(),
        set(Status) - {Status.APPROVED, Status.SETTLED, Status.CANCELLED},
        Status.CANCELLED,
    ),
    "end_cancelled": (lambda j: j.end_cancelled(), {Status.CANCELLING}, Status.CANCELLED),
    "cancel": (
        lambda j: j.cancel(),
        {Status.OPEN, Status.ACTIVE, Status.DELIVERED, Status.CHANGES_REQUESTED},
        Status.CANCELLED,
    ),
}
RESUMED = {
    *((Status.DISPUTED, before) for before in STEPS["dispute"][1]),
    *((Status.CANCELLING, before) for before in STEPS["propose_cancellation"][1]),
}


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("name", STEPS)
def test_every_step_from_every_state_is_allowed_or_refused(name: str, status: Status) -> None:
    step, allowed, then = STEPS[name]
    job = a_job(status)
    if status in allowed:
        assert step(job).status is then
    else:
        with pytest.raises(IllegalTransition):
            step(job)


def test_the_steps_and_the_table_agree() -> None:
    taken = {(before, then) for _, allowed, then in STEPS.values() for before in allowed}
    assert taken | RESUMED == {(before, then) for before in NEXT for then in NEXT[before]}
    assert set(NEXT) == set(Status)


@pytest.mark.parametrize("before", sorted(STEPS["dispute"][1]))
def test_a_job_that_is_resumed_has_its_status_and_all_its_time(before: Status) -> None:
    approve_by = NOW + 3 * DAY if before is Status.DELIVERED else None
    job = a_job(before, approve_by=approve_by, deliveries=1)
    resumed = job.dispute("dsp_1", now=NOW + DAY).resume(now=NOW + 11 * DAY)
    assert resumed == replace(
        job,
        dispute_id="dsp_1",
        deliver_by=job.deliver_by + 10 * DAY,
        approve_by=approve_by and approve_by + 10 * DAY,
    )


def test_a_job_that_is_frozen_refuses_everything_else() -> None:
    frozen = a_job(Status.DELIVERED).dispute("dsp_1", now=NOW)
    acts: list[Callable[[Job], Job]] = [
        lambda job: job.approve(),
        lambda job: job.cancel(),
        lambda job: job.dispute("dsp_1", now=NOW),
        lambda job: job.deliver(now=NOW),
        lambda job: job.request_changes(now=NOW),
    ]
    for act in acts:
        with pytest.raises(Frozen):
            act(frozen)


def test_each_delivery_has_the_next_number_and_a_new_time_to_look() -> None:
    first = a_job(Status.ACTIVE).deliver(now=NOW)
    second = first.request_changes(now=NOW + DAY).deliver(now=NOW + 2 * DAY)
    assert (first.deliveries, first.approve_by) == (1, NOW + 72 * HOUR)
    assert (second.deliveries, second.approve_by) == (2, NOW + 2 * DAY + 72 * HOUR)


@pytest.mark.parametrize(
    ("early", "review_starts"),
    [
        (23 * DAY, NOW),
        (SECOND, NOW),
        (timedelta(0), NOW),
        (-SECOND, NOW + SECOND),
        (-5 * DAY, NOW + 5 * DAY),
    ],
)
def test_the_review_starts_at_the_later_of_delivery_and_booked_end(
    early: timedelta, review_starts: datetime
) -> None:
    delivered = a_job(Status.ACTIVE).deliver(now=NOW - early)
    assert delivered.review_starts == review_starts
    assert delivered.approve_by == review_starts + 72 * HOUR
    assert delivered.next_event == NextEvent("approve", review_starts + 72 * HOUR)


def test_without_a_delivery_there_is_no_review() -> None:
    assert a_job(Status.ACTIVE).review_starts is None


ACTS = st.sampled_from(["deliver", "request_changes"])
WAITS = st.integers(0, 30 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


@given(
    st.timedeltas(min_value=timedelta(0), max_value=60 * DAY),
    st.lists(st.tuples(ACTS, WAITS), max_size=12),
)
def test_nothing_is_released_automatically_before_72_hours_after_the_booked_end(
    until_end: timedelta, acts: list[tuple[str, timedelta]]
) -> None:
    """Whatever is delivered and sent back, and whenever: the deadline, tried all the time, approves
    at the later of the last delivery and the booked end plus 72 hours, not a second earlier."""
    end, now, delivered_at = NOW + until_end, NOW, NOW
    job = a_job(
        Status.ACTIVE, booked_end=end, deliver_by=end + 14 * DAY, revisions_allowed=len(acts)
    )
    for act, wait in acts:
        if act == "deliver" and job.status in (Status.ACTIVE, Status.CHANGES_REQUESTED):
            job, delivered_at = job.deliver(now=now), now
        elif act == "request_changes" and job.status is Status.DELIVERED:
            job = job.request_changes(now=now)
        assert job.deliver_by >= end + 14 * DAY
        now += wait
        if job.status is not Status.DELIVERED:
            continue
        due = max(delivered_at, end) + 72 * HOUR
        assert job.next_event == NextEvent("approve", due)
        assert not approved(job, min(now, due - SECOND))
        assert approved(job, due)
        if now >= due:
            return


def approved(job: Job, now: datetime) -> bool:
    """Whether the deadline of any delivery approves the job at this time."""
    for delivery in range(job.deliveries + 1):
        try:
            return job.auto_approve(delivery=delivery, now=now).status is Status.APPROVED
        except IllegalTransition:
            continue
    return False


def test_a_job_stored_without_its_booked_end_gets_the_time_and_the_review_of_the_rule() -> None:
    """As version 0.1.0 stored it: delivered 23 days before the booked end."""
    stored = replace(a_job(), booked_end=None)
    early = a_job(
        Status.DELIVERED, booked_end=None, deliveries=1, approve_by=NOW - 23 * DAY + 72 * HOUR
    )
    late = a_job(Status.DELIVERED, booked_end=None, deliveries=1, approve_by=NOW + 80 * HOUR)

    assert stored.booked_end == early.booked_end == NOW
    assert (early.approve_by, early.review_starts) == (NOW + 72 * HOUR, NOW)
    assert (late.approve_by, late.review_starts) == (NOW + 80 * HOUR, NOW + 8 * HOUR)


@pytest.mark.parametrize("allowed", [0, 1, 2])
def test_the_included_rounds_can_be_used_and_no_more(allowed: int) -> None:
    job = a_job(Status.ACTIVE, revisions_allowed=allowed).deliver(now=NOW)
    for _ in range(allowed):
        job = job.request_changes(now=NOW).deliver(now=NOW)
    with pytest.raises(NoRevisionsLeft):
        job.request_changes(now=NOW)
    assert job.revisions_used == allowed


def test_asking_for_changes_gives_time_and_never_takes_it() -> None:
    delivered = a_job(Status.DELIVERED, approve_by=NOW)
    assert delivered.request_changes(now=NOW - DAY).deliver_by == DELIVER_BY
    later = delivered.request_changes(now=NOW + DAY)
    assert (later.deliver_by, later.approve_by) == (NOW + 15 * DAY, None)


def test_approval_by_deadline_is_never_early_and_only_for_its_own_delivery() -> None:
    delivered = a_job(Status.ACTIVE).deliver(now=NOW)
    moment = NOW + 72 * HOUR
    assert delivered.auto_approve(delivery=1, now=moment).status is Status.APPROVED
    for delivery, now in ((1, moment - SECOND), (2, moment), (0, moment)):
        with pytest.raises(IllegalTransition):
            delivered.auto_approve(delivery=delivery, now=now)


@pytest.mark.parametrize("status", Status)
def test_work_is_given_up_when_its_time_is_over_and_it_was_not_delivered(status: Status) -> None:
    with pytest.raises(IllegalTransition):
        a_job(status).give_up(now=DELIVER_BY - SECOND)
    if status in STEPS["cancel"][1] - {Status.DELIVERED}:
        assert a_job(status).give_up(now=DELIVER_BY).status is Status.CANCELLED
    else:
        with pytest.raises(IllegalTransition):
            a_job(status).give_up(now=DELIVER_BY)


@pytest.mark.parametrize("status", Status)
def test_what_comes_next(status: Status) -> None:
    comes = {
        Status.ACTIVE: NextEvent("deliver", DELIVER_BY),
        Status.CHANGES_REQUESTED: NextEvent("deliver", DELIVER_BY),
        Status.DELIVERED: NextEvent("approve", NOW + 80 * HOUR),
        Status.DISPUTED: NextEvent("settle"),
        Status.CANCELLING: NextEvent("settle"),
    }
    assert a_job(status, approve_by=NOW + 80 * HOUR).next_event == comes.get(status)


@pytest.mark.parametrize("text", ["", "  \n", "x" * 8_001, "x" * 10_000])
def test_notes_are_neither_empty_nor_endless(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked_notes(text, field="note")
    assert set(refused.value.fields) == {"note"}


@pytest.mark.parametrize("text", ["x" * 8_000, "<b>&amp;", "tab\tand\nline"])
def test_notes_are_kept_as_they_were_written(text: str) -> None:
    assert checked_notes(f" {text} ", field="note") == text
