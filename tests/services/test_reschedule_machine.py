"""A stateful test of moves: the marketplace machine, whose users also propose, accept, refuse and
withdraw times, at the same time as everything else, and killed relays run messages again.

All invariants of the marketplace hold, and each deadline has a message at or before its new time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from core import bookings, jobs
from core.bookings import Booking
from core.developers import DeveloperId
from core.errors import OneHourError
from core.outbox import NotDueYet, State
from core.policy import DAY, HOUR, MINUTE
from core.reschedules import RescheduleStep
from tests.services.test_machine import (
    LONG,
    QUICK,
    MarketplaceMachine,
    has_booking,
    next_quarter_hour,
    number_below,
)

REQUESTED, CONFIRMED = bookings.Status.REQUESTED, bookings.Status.CONFIRMED
ACTS = st.sampled_from(
    "propose propose accept accept refuse withdraw cancel decline deliver approve".split()
)
SIDES = st.sampled_from(["client", "developer"])
ENDS = st.sampled_from(["accept", "accept", "refuse", "refuse", "withdraw", ""])
LATER = st.sampled_from([-3 * DAY, -DAY, -45 * MINUTE, HOUR, DAY, 3 * DAY, 9 * DAY])

taken = set[str]()
"""The steps of moves that were taken, over all runs of this process."""


class RescheduleMachine(MarketplaceMachine):
    """Without the rules about what is not paid, so that most steps are about paid bookings."""

    hold_adjacent = hold_again = checkout = release = decline = pay_twice = attempt_ends = None  # type: ignore[assignment]
    pay = webhook_arrives = None  # type: ignore[assignment]

    @precondition(lambda self: len(self.all_bookings) < 6)
    @rule(client=number_below(2), steps=number_below(3), days=st.sampled_from([1, 4, 12]))
    def another_booking_is_paid(self, client: int, steps: int, days: int) -> None:
        start = next_quarter_hour(self.app.clock.now() + days * DAY + 2 * HOUR)
        self.gateway.down = self.gateway.fail_after_commit = False
        before = len(self.all_bookings)
        self.hold_at(client, 0, start, 1)
        if before < len(self.all_bookings):
            self.advance(self.all_bookings[-1], ("pay", "accept", "deliver")[: steps + 1])

    @precondition(has_booking(REQUESTED, CONFIRMED))
    @rule(number=number_below(3), side=SIDES, by=LATER, then=ENDS)
    def moves(self, number: int, side: str, by: Any, then: str) -> None:
        """One side proposes; it withdraws, the other side answers, or nobody does."""
        booking = self.some_booking(number, REQUESTED, CONFIRMED)
        other = "client" if side == "developer" else "developer"
        self.together(self.move_act(booking, "propose", self.account_of(booking, side), by))
        if then:
            actor = side if then == "withdraw" else other
            self.together(self.move_act(booking, then, self.account_of(booking, actor), by))

    @precondition(has_booking(REQUESTED, CONFIRMED))
    @rule(
        number=number_below(3),
        acts=st.lists(st.tuples(ACTS, SIDES, LATER), min_size=1, max_size=4),
        rival=st.sampled_from([None, *[HOUR * n for n in (-3, 0, 24, 72)]]),
        relays=st.booleans(),
    )
    def all_act_at_the_same_time(
        self, number: int, acts: list[tuple[str, str, Any]], rival: Any, relays: bool
    ) -> None:
        booking = self.some_booking(number, REQUESTED, CONFIRMED)
        work: list[Coroutine[Any, Any, object]] = [
            self.move_act(booking, what, self.account_of(booking, side), by)
            for what, side, by in acts
        ]
        if rival is not None:
            work.append(self.rival(booking, booking.start + rival))
        if relays:
            work += [self.services.outbox.run_due(), self.app.settle(booking)]
        self.together(*work)

    def rival(self, booking: Booking, start: Any) -> Coroutine[Any, Any, object]:
        self.names += 1
        return self.services.bookings.hold(
            by=self.clients[0].id, developer_id=DeveloperId(booking.developer.id),
            start=start, hours=1, brief="Mine.", request_id=f"bkg_{self.names:04d}",
        )  # fmt: skip

    def together(self, *work: Coroutine[Any, Any, object]) -> None:
        async def gathered() -> None:
            for outcome in await asyncio.gather(*work, return_exceptions=True):
                if isinstance(outcome, BaseException) and not isinstance(
                    outcome, OneHourError | NotDueYet
                ):
                    raise outcome

        self.do(gathered())

    async def move_act(self, booking: Booking, what: str, by: str, later: Any) -> object:
        service = self.services.reschedules
        match what:
            case "propose":
                return await service.propose(booking.id, by=by, start=booking.start + later)
            case "accept":
                return await service.accept(booking.id, by=by)
            case "refuse":
                return await service.refuse(booking.id, by=by)
            case "withdraw":
                return await service.withdraw(booking.id, by=by)
            case _:
                return await self.action(booking, what, by)

    @invariant()
    def all_invariants_hold(self) -> None:
        super().all_invariants_hold()
        try:
            for booking in self.all_bookings:
                self.every_proposal_ends_once(booking)
                self.deadlines_are_not_late(booking)
        except BaseException:
            self.broken = True
            raise

    def every_proposal_ends_once(self, booking: Booking) -> None:
        entries = [
            each for each in self.store.repositories.timeline.table.all()
            if each.booking_id == booking.id and each.what in set(RescheduleStep)
        ]  # fmt: skip
        steps = [each.what for each in entries]
        taken.update(steps)
        assert steps.count("moved") == booking.moves
        assert steps.count("move_proposed") - steps.count("move_taken") == booking.proposals <= 2
        assert all(what == "move_proposed" for what in steps[::2])
        assert all(what != "move_proposed" for what in steps[1::2])
        starts = [each.times.old for each in entries if each.times]
        moved = [each.times.new for each in entries if each.what == "moved" and each.times]
        assert booking.start == (moved or starts or [booking.start])[-1 if moved else 0]
        if booking.proposal:
            assert booking.status in bookings.MOVABLE
            assert steps[-1] == "move_proposed"
            assert any(
                each.kind == "reschedules.expire" and each.state is State.READY
                for each in self.store.messages
            )

    def deadlines_are_not_late(self, booking: Booking) -> None:
        ready = [each for each in self.store.messages if each.state is State.READY]
        now = self.app.clock.now()
        if booking.status is REQUESTED and booking.accept_by:
            assert any(
                each.kind == "bookings.auto_cancel" and each.due_at <= max(booking.accept_by, now)
                for each in ready if each.payload.get("booking") == booking.id
            )  # fmt: skip
        job = self.store.repositories.jobs.table.find(booking.job_id or "")
        if job is None:
            return
        assert job.booked_end == booking.end
        due = {jobs.Status.ACTIVE: "jobs.give_up", jobs.Status.DELIVERED: "jobs.auto_approve"}
        ends = job.approve_by if job.status is jobs.Status.DELIVERED else job.deliver_by
        if job.status in due:
            assert any(
                each.kind == due[job.status] and each.due_at <= max(ends, now)
                for each in ready if each.payload.get("job") == job.id
            )  # fmt: skip


def test_no_hour_is_lost_or_doubled_whatever_users_do() -> None:
    taken.clear()
    run_state_machine_as_test(RescheduleMachine, settings=settings(QUICK, max_examples=60))
    assert taken >= {"move_proposed", "moved", "move_refused", "move_withdrawn"}


@pytest.mark.long
def test_every_step_of_a_move_is_taken_and_no_hour_is_lost_or_doubled() -> None:
    taken.clear()
    run_state_machine_as_test(RescheduleMachine, settings=settings(LONG, max_examples=1_500))
    assert taken == set(RescheduleStep)
