"""A stateful test of disputes: the marketplace machine, whose users also open disputes, answer,
offer, accept, take back and decide, at the same time as everything else.

All invariants of the marketplace hold, and the money of each dispute is divided once and exactly.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from core import bookings, disputes, jobs, payments
from core.bookings import Booking
from core.calls import CAME, attendance
from core.calls_policy import CallPolicy
from core.dispute_parts import How, OfferState, Reason, WishKind
from core.disputes import Dispute, DisputeId
from core.errors import OneHourError
from core.jobs import JobId
from core.money import Money
from core.outbox import NotDueYet
from core.policy import DAY, HOUR, MINUTE
from core.shares import Shares
from core.timeline import Actor
from core.transactions import FEES, Kind, clearing, escrow
from services.disputes import DISPUTES
from tests.app import CALLER
from tests.services.test_machine import (
    LONG,
    QUICK,
    Edge,
    MarketplaceMachine,
    has_booking,
    next_quarter_hour,
    number_below,
    visited,
)

CONFIRMED = bookings.Status.CONFIRMED
ACTS = (
    "open enter claim answer evidence offer accept withdraw once_more settle ask read "
    "cancel approve deliver request_changes send_again"
).split()
FITTING = "answer answer withdraw once_more settle offer accept".split()
PARTS = st.sampled_from([0, 1, 37, 50, 99, 100])
"""Of a hundred; 1 stands for one paisa."""
WISHES = st.sampled_from([WishKind.ALL, WishKind.PART, WishKind.CHANGES, WishKind.OTHER])
WAITS = st.sampled_from([HOUR, 2 * HOUR, 47 * HOUR, 2 * DAY, 3 * DAY, 5 * DAY, 40 * DAY, 61 * DAY])

JOB_EDGES: set[Edge] = {
    ("job", str(before), str(after))
    for before, following in jobs.NEXT.items()
    for after in following
    if {before, after} & {jobs.Status.DISPUTED, jobs.Status.CANCELLING}
}
DISPUTE_EDGES = {(before, after) for before in disputes.NEXT for after in disputes.NEXT[before]}
claims: Counter[bool] = Counter()
"""How many claims of a no-show stood: True for those whose money the developer got."""
taken: Counter[tuple[disputes.Status, disputes.Status]] = Counter()
"""How often each step of a dispute was taken, over all runs of this process."""


class DisputeMachine(MarketplaceMachine):
    """Without the rules about what is not paid, so that most steps are about paid bookings."""

    hold_adjacent = hold_again = checkout = release = decline = pay_twice = attempt_ends = None  # type: ignore[assignment]
    pay = webhook_arrives = users_act_at_the_same_time = None  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[DisputeId, disputes.Status] = {}
        self.number = 0

    @property
    def all_disputes(self) -> list[Dispute]:
        documents: Any = self.store.repositories.documents(DISPUTES)
        return list(documents.table.all())

    @property
    def admin(self) -> Any:
        return self.clients[0]  # the service trusts its caller, the route checks the role

    def dispute_of(self, booking: Booking) -> Dispute | None:
        mine = [each for each in self.all_disputes if each.booking_id == booking.id]
        return max(mine, key=lambda each: (each.open, each.opened_at), default=None)

    @precondition(lambda self: len(self.all_bookings) < 6)
    @rule(client=number_below(2), delivered=st.booleans(), days=st.sampled_from([1, 4]))
    def another_booking_is_accepted(self, client: int, delivered: bool, days: int) -> None:
        start = next_quarter_hour(self.app.clock.now() + days * DAY + 2 * HOUR)
        self.gateway.down = self.gateway.fail_after_commit = False
        before = len(self.all_bookings)
        self.hold_at(client, 0, start, 1)
        if before < len(self.all_bookings):
            steps = ("pay", "accept", "deliver") if delivered else ("pay", "accept")
            self.advance(self.all_bookings[-1], steps)

    @precondition(has_booking(CONFIRMED))
    @rule(number=number_below(3), side=st.sampled_from(["client", "developer"]), wish=WISHES)
    def opens(self, number: int, side: str, wish: WishKind) -> None:
        booking = self.some_booking(number, CONFIRMED)
        self.together(self.dispute_act(booking, "open", self.account_of(booking, side), 37, wish))

    @precondition(has_booking(CONFIRMED))
    @rule(
        number=number_below(3),
        what=st.sampled_from(ACTS),
        side=st.sampled_from(["client", "developer", "developer", "other user"]),
        part=PARTS,
        wish=WISHES,
        twice=st.booleans(),
    )
    def acts(
        self, number: int, what: str, side: str, part: int, wish: WishKind, twice: bool
    ) -> None:
        """One act, often sent twice at the same moment."""
        booking = self.some_booking(number, CONFIRMED)
        by = self.account_of(booking, side)
        self.together(*[self.dispute_act(booking, what, by, part, wish) for _ in range(1 + twice)])

    @precondition(has_booking(CONFIRMED))
    @rule(
        number=number_below(3),
        there=st.sets(st.sampled_from(["client", "developer"])),
        side=st.sampled_from(["client", "developer"]),
        waits=st.sampled_from([5 * MINUTE, 11 * MINUTE, 50 * MINUTE]),
    )
    def meets_and_claims(self, number: int, there: set[str], side: str, waits: Any) -> None:
        """The time of the meeting comes, some sides come, and one says that the other did not."""
        booking = self.some_booking(number, CONFIRMED)
        if booking.start > self.app.clock.now():
            self.do(self.app.pass_time(booking.start - self.app.clock.now()))
        for each in sorted(there):
            by = self.account_of(booking, each)
            self.together(self.dispute_act(booking, "enter", by, 0, WishKind.ALL))
        self.do(self.app.pass_time(waits))
        by = self.account_of(booking, side)
        self.together(*[self.dispute_act(booking, "claim", by, 0, WishKind.ALL) for _ in "12"])

    @precondition(has_booking(CONFIRMED))
    @rule(
        number=number_below(3),
        changes=st.booleans(),
        then=st.sampled_from(["withdraw", "withdraw", "answer", "accept", "read"]),
    )
    def client_cancels_delivered_work(self, number: int, changes: bool, then: str) -> None:
        """At times after asking for changes; then keeps the booking, or the other side acts."""
        booking = self.some_booking(number, CONFIRMED)
        client, developer = (self.account_of(booking, side) for side in ("client", "developer"))
        if changes:
            self.together(self.dispute_act(booking, "request_changes", client, 0, WishKind.ALL))
        self.together(self.dispute_act(booking, "cancel", client, 0, WishKind.ALL))
        by = client if then == "withdraw" else developer
        self.together(self.dispute_act(booking, then, by, 37, WishKind.NOTHING_BACK))

    @precondition(lambda self: any(each.open for each in self.all_disputes))
    @rule(
        number=number_below(3),
        acts=st.lists(
            st.tuples(st.sampled_from(ACTS), st.sampled_from(["client", "developer"]), PARTS),
            min_size=1,
            max_size=4,
        ),
        relays=st.booleans(),
    )
    def all_act_at_the_same_time(
        self, number: int, acts: list[tuple[str, str, int]], relays: bool
    ) -> None:
        open_ones = [each for each in self.all_disputes if each.open]
        dispute = open_ones[-1 - number % len(open_ones)]
        booking = next(b for b in self.all_bookings if b.id == dispute.booking_id)
        work: list[Coroutine[Any, Any, object]] = [
            self.dispute_act(booking, what, self.account_of(booking, side), part, WishKind.PART)
            for what, side, part in acts
        ]
        if relays:
            work += [self.services.outbox.run_due(), self.app.settle(booking)]
        self.together(*work)

    @precondition(lambda self: self.open_disputes())
    @rule(number=number_below(3), what=st.sampled_from(FITTING), part=PARTS, wish=WISHES)
    def a_side_does_what_it_may(self, number: int, what: str, part: int, wish: WishKind) -> None:
        """Most acts of other rules are refused: they come from the wrong side, or too late."""
        found = self.open_disputes()
        dispute = found[-1 - number % len(found)]
        sides = {"answer": dispute.other, "withdraw": dispute.opened_by, "settle": Actor.CLIENT}
        by = dispute.party(sides.get(what, Actor.DEVELOPER)).account_id
        booking = next(b for b in self.all_bookings if b.id == dispute.booking_id)
        self.together(self.dispute_act(booking, what, by, part, wish))

    @precondition(lambda self: self.open_disputes(disputes.Status.EVIDENCE))
    @rule(number=number_below(3))
    def the_time_for_evidence_passes(self, number: int) -> None:
        found = self.open_disputes(disputes.Status.EVIDENCE)
        until = found[-1 - number % len(found)].evidence_until
        assert until
        self.do(self.app.pass_time(max(until - self.app.clock.now(), HOUR)))

    @precondition(has_booking(CONFIRMED))
    @rule(number=number_below(3), deadlines=number_below(3))
    def changes_are_granted(self, number: int, deadlines: int) -> None:
        """The client wishes changes, and the developer delivers once more, at once or after some
        deadlines."""
        booking = self.some_booking(number, CONFIRMED)
        client, developer = (self.account_of(booking, side) for side in ("client", "developer"))
        self.together(self.dispute_act(booking, "open", client, 37, WishKind.CHANGES))
        for _ in range(deadlines):
            dispute = self.dispute_of(booking)
            if dispute and dispute.open:
                self.do(self.app.pass_time(max(dispute.due - self.app.clock.now(), HOUR)))
                self.look_at_disputes()
        self.together(self.dispute_act(booking, "once_more", developer, 0, WishKind.ALL))

    @precondition(lambda self: self.open_disputes())
    @rule(number=number_below(3), what=st.sampled_from(["withdraw", "once_more", "ask", "settle"]))
    def a_case_comes_to_its_decision(self, number: int, what: str) -> None:
        """No side does anything until then."""
        found = self.open_disputes()
        dispute = found[-1 - number % len(found)]
        for _ in range(2):
            dispute = next(each for each in self.all_disputes if each.id == dispute.id)
            self.do(self.app.pass_time(max(dispute.due - self.app.clock.now(), HOUR)))
            self.look_at_disputes()
            if dispute.status is disputes.Status.EVIDENCE:
                break
        side = dispute.opened_by if what == "withdraw" else Actor.DEVELOPER
        booking = next(b for b in self.all_bookings if b.id == dispute.booking_id)
        by = dispute.party(side).account_id
        self.together(self.dispute_act(booking, what, by, 37, WishKind.ALL))

    def open_disputes(self, *statuses: disputes.Status) -> list[Dispute]:
        """Those in these states, of all that are open by default."""
        open_ones = [each for each in self.all_disputes if each.open]
        return [each for each in open_ones if not statuses or each.status in statuses]

    @precondition(lambda self: any(each.open for each in self.all_disputes))
    @rule(by=WAITS)
    def deadlines_of_disputes_pass(self, by: Any) -> None:
        self.do(self.app.pass_time(by))

    def together(self, *work: Coroutine[Any, Any, object]) -> None:
        async def gathered() -> None:
            for outcome in await asyncio.gather(*work, return_exceptions=True):
                if isinstance(outcome, BaseException) and not isinstance(
                    outcome, OneHourError | NotDueYet
                ):
                    raise outcome

        self.do(gathered())
        self.look_at_disputes()

    async def dispute_act(
        self, booking: Booking, what: str, by: str, part: int, wish: WishKind
    ) -> object:
        services, job = self.services, JobId(booking.job_id or "")
        amount = Money(1) if part == 1 else booking.price.percent(part)
        dispute = self.dispute_of(booking)
        match what:
            case "open":
                return await services.disputes.open(
                    job, by=by, reason=Reason.OTHER, wish=wish, amount=amount, text="It is wrong."
                )
            case "enter":
                return await services.call_presence.join(booking.id, "page", by=by)
            case "claim":
                return await services.no_shows.claim(booking.id, by=by)
            case "send_again":
                return await services.jobs.send_again(job, by=by, notes="One file is broken.")
            case "cancel" | "approve" | "deliver" | "request_changes":
                return await self.action(booking, what, by)
        if dispute is None:
            return None
        match what:
            case "answer":
                return await services.disputes.answer(
                    dispute.id, by=by, wish=wish, amount=amount, text="It is right."
                )
            case "evidence":
                return await services.disputes.add_evidence(dispute.id, by=by, text="See.")
            case "offer":
                return await services.offers.offer(dispute.id, by=by, refund=amount)
            case "accept":
                offer = dispute.standing or (dispute.offers[-1] if dispute.offers else None)
                return offer and await services.offers.accept(dispute.id, offer.id, by=by)
            case "withdraw":
                return await services.disputes.withdraw(dispute.id, by=by)
            case "once_more":
                return await services.disputes.deliver_once_more(dispute.id, by=by)
            case "ask":
                return await services.decisions.ask(dispute.id, by=self.admin, text="Why?")
            case "read":
                return await services.decisions.open(dispute.id, by=self.admin, caller=CALLER)
            case _:
                return await services.decisions.settle(
                    dispute.id, by=self.admin, caller=CALLER, refund=amount, reason="So it is."
                )

    def look_at_disputes(self) -> None:
        """Each commit is seen, since a step takes one transition."""
        for dispute in self.all_disputes:
            before = self.seen.get(dispute.id)
            if before and before is not dispute.status:
                taken[before, dispute.status] += 1
            self.seen[dispute.id] = dispute.status

    @invariant()
    def all_invariants_hold(self) -> None:
        super().all_invariants_hold()
        try:
            self.look_at_disputes()
            for booking in self.all_bookings:
                mine = [each for each in self.all_disputes if each.booking_id == booking.id]
                self.job_is_frozen_while_a_dispute_is_open(booking, mine)
                settled = [each for each in mine if each.settlement]
                assert len(settled) <= 1
                for dispute in settled:
                    self.money_is_divided_exactly(booking, dispute)
            for dispute in self.all_disputes:
                waiting = [o for o in dispute.offers if o.state is OfferState.WAITING]
                assert len(waiting) <= (1 if dispute.open else 0)
                if dispute.open:
                    self.open_dispute_has_a_deadline(dispute)
        except BaseException:
            self.broken = True
            raise

    def job_is_frozen_while_a_dispute_is_open(self, booking: Booking, mine: list[Dispute]) -> None:
        open_ones = [each for each in mine if each.open]
        assert len(open_ones) <= 1
        job = self.store.repositories.jobs.table.find(booking.job_id or "")
        assert (job is not None and job.status in jobs.FROZEN) == bool(open_ones)
        if open_ones:
            assert booking.status is CONFIRMED
            assert self.payment_of(booking).status is payments.Status.PAID
            proposed = open_ones[0].status is disputes.Status.PROPOSED
            assert (job.status is jobs.Status.CANCELLING) == proposed

    def money_is_divided_exactly(self, booking: Booking, dispute: Dispute) -> None:
        """Refund, earning and fee are the price; each is booked at most once, and in the end."""
        end = dispute.settlement
        assert end
        shares = Shares.of(booking, end.refund)
        assert shares.refund + shares.earning + shares.fee == booking.price
        payment = self.payment_of(booking)
        assert payment.returning == end.refund
        if end.how is How.NOT_ANSWERED:
            self.who_came_alone_has_the_money(booking, dispute, end.refund)
        entries = [
            e for e in self.store.repositories.transactions.table.all()
            if e.booking_id == booking.id
        ]  # fmt: skip
        releases = [e for e in entries if e.kind is Kind.RELEASE]
        assert len(releases) == bool(shares.released)
        for entry in releases:
            lines = {line.account: line.amount for line in entry.lines}
            assert lines == {
                escrow(booking.id): -shares.released,
                clearing(booking.developer.id): shares.earning,
                FEES: shares.fee,
            }
        returned = sum(
            -line.amount.amount
            for e in entries if e.kind is Kind.REFUND
            for line in e.lines if line.account == escrow(booking.id)
        )  # fmt: skip
        assert returned == payment.refunded.amount <= end.refund.amount

    def who_came_alone_has_the_money(self, booking: Booking, claim: Dispute, refund: Money) -> None:
        """By the stays as they are stored: nobody who was seen before the claim loses by it. In the
        moment of the claim somebody may come after it."""
        stays = [
            each for each in self.store.repositories.stays.table.all()
            if each.booking_id == booking.id and each.came_at < claim.opened_at
        ]  # fmt: skip
        came = {
            party.account_id: attendance(
                booking, stays, party.account_id, now=claim.opened_at, policy=CallPolicy()
            ).verdict in CAME
            for party in (booking.client, booking.developer)
        }  # fmt: skip
        assert claim.reason is Reason.NO_SHOW
        assert not came[claim.party(claim.other).account_id]
        earned = claim.opened_by is Actor.DEVELOPER and came[booking.developer.account_id]
        assert refund == (booking.price * 0 if earned else booking.price)
        claims[earned] += 1

    def open_dispute_has_a_deadline(self, dispute: Dispute) -> None:
        stages = {
            each.payload["stage"]: each.due_at
            for each in sorted(self.store.messages, key=lambda each: each.due_at)
            if each.kind == "disputes.deadline"
            and each.state == "ready"
            and each.payload["dispute"] == dispute.id
        }
        match dispute.status:
            case disputes.Status.PROPOSED:
                assert stages["contest"] >= dispute.answer_by
            case disputes.Status.OPEN:
                assert stages["answer"] >= dispute.answer_by
            case disputes.Status.EVIDENCE:
                assert dispute.evidence_until and stages["evidence"] >= dispute.evidence_until
        if dispute.status is not disputes.Status.PROPOSED:
            assert stages["end"] >= dispute.ends_at

    async def pass_twenty_days(self) -> None:
        """And two months more, after which no dispute is open."""
        await super().pass_twenty_days()
        for _ in range(4):
            await self.app.pass_time(20 * DAY)

    def assert_final_state(self) -> None:
        super().assert_final_state()
        assert not [each for each in self.all_disputes if each.open]
        for dispute in self.all_disputes:
            if dispute.settlement:
                booking = next(b for b in self.all_bookings if b.id == dispute.booking_id)
                assert self.payment_of(booking).refunded == dispute.settlement.refund


def test_disputes_never_pay_twice_whatever_users_do() -> None:
    run_state_machine_as_test(DisputeMachine, settings=settings(QUICK, max_examples=60))
    assert taken[disputes.Status.OPEN, disputes.Status.SETTLED] > 0


@pytest.mark.long
def test_every_transition_of_disputes_is_taken() -> None:
    taken.clear()
    run_state_machine_as_test(DisputeMachine, settings=settings(LONG, max_examples=1_500))
    assert JOB_EDGES - set(visited) == set()
    assert DISPUTE_EDGES - set(taken) == set()
    assert claims[True] and claims[False]
