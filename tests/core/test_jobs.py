"""States of a job, and the deadlines of the developer and the client."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import Invalid
from core.jobs import NEXT, IllegalTransition, Job, JobId, NoRevisionsLeft, Status, checked_notes
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
    "approve": (lambda j: j.approve(), {Status.DELIVERED}, Status.APPROVED),
    "cancel": (
        lambda j: j.cancel(),
        {Status.OPEN, Status.ACTIVE, Status.CHANGES_REQUESTED},
        Status.CANCELLED,
    ),
}
DISPUTES = {
    (Status.DELIVERED, Status.DISPUTED),
    (Status.CHANGES_REQUESTED, Status.DISPUTED),
    (Status.DISPUTED, Status.SETTLED),
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
    assert taken | DISPUTES == {(before, then) for before in NEXT for then in NEXT[before]}
    assert set(NEXT) == set(Status)


def test_each_delivery_has_the_next_number_and_a_new_time_to_look() -> None:
    first = a_job(Status.ACTIVE).deliver(now=NOW)
    second = first.request_changes(now=NOW + DAY).deliver(now=NOW + 2 * DAY)
    assert (first.deliveries, first.approve_by) == (1, NOW + 72 * HOUR)
    assert (second.deliveries, second.approve_by) == (2, NOW + 2 * DAY + 72 * HOUR)


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
    if status in STEPS["cancel"][1]:
        assert a_job(status).give_up(now=DELIVER_BY).status is Status.CANCELLED
    else:
        with pytest.raises(IllegalTransition):
            a_job(status).give_up(now=DELIVER_BY)


@pytest.mark.parametrize("status", Status)
def test_what_comes_next(status: Status) -> None:
    comes = {
        Status.ACTIVE: NextEvent("deliver", DELIVER_BY),
        Status.CHANGES_REQUESTED: NextEvent("deliver", DELIVER_BY),
        Status.DELIVERED: NextEvent("approve", NOW),
    }
    assert a_job(status, approve_by=NOW).next_event == comes.get(status)


@pytest.mark.parametrize("text", ["", "  \n", "x" * 8_001, "x" * 10_000])
def test_notes_are_neither_empty_nor_endless(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked_notes(text, field="note")
    assert set(refused.value.fields) == {"note"}


@pytest.mark.parametrize("text", ["x" * 8_000, "<b>&amp;", "tab\tand\nline"])
def test_notes_are_kept_as_they_were_written(text: str) -> None:
    assert checked_notes(f" {text} ", field="note") == text
