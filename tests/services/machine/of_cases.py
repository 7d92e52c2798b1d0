"""What is true of bookings, their jobs, disputes, moves and deadlines after every step."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from core import bookings, disputes, jobs, payments
from core.bookings import Booking
from core.calls import CAME, attendance
from core.calls_policy import CallPolicy
from core.dispute_parts import How, OfferState, Reason
from core.disputes import Dispute
from core.outbox import OutboxMessage, State
from core.payments import DECIDED, Payment
from core.payments_facts import RefundStatus
from core.policy import DAY
from core.reschedules import RescheduleStep
from core.shares import Shares
from core.timeline import Actor, Entry
from core.transactions import Kind, Transaction, clearing, escrow
from services.payments import CLEARINGS
from services.payments.held_money import CHARGEBACK_WAIT
from tests.services.machine.world import World
from tests.services.money_promises import check_promise

ONCE_ONLY = {"held", "paid", "accepted", "declined", "cancelled", "auto_cancelled", "approved"}
CONFIRMED, REQUESTED = bookings.Status.CONFIRMED, bookings.Status.REQUESTED
claims: Counter[bool] = Counter()
"""How many claims of a no-show stood: True for those whose money the developer got."""
moved: Counter[str] = Counter()
"""The steps of moves that were taken."""


class CaseInvariants:
    def __init__(self, world: World) -> None:
        self.world = world

    def ids_of(self, booking: Booking) -> set[str]:
        mine = self.world.disputes_of(booking)
        ids = {booking.id, booking.payment_id, booking.job_id or "-"}
        return ids | {each.id for each in mine}

    def messages_of(self, booking: Booking) -> list[OutboxMessage]:
        """Those that are ready and about it, the earliest first."""
        found = {
            each.id: each
            for key in self.ids_of(booking)
            for each in self.world.seen.messages.get(key, {}).values()
            if each.state is State.READY
        }
        return sorted(found.values(), key=lambda each: each.due_at)

    def check_case(self, booking: Booking, entries: list[Transaction]) -> None:
        payment, mine = self.world.payment_of(booking), self.world.disputes_of(booking)
        ready, timeline = self.messages_of(booking), self._timeline(booking)
        self.paid_booking_has_one_job(booking)
        self.open_work_has_messages(booking, payment, ready)
        self.steps_happen_once(booking, timeline)
        self.review_outlasts_the_meeting(booking, timeline)
        self.proposals_end_once(booking, timeline, ready)
        self.job_is_frozen_while_a_dispute_is_open(booking, payment, mine)
        self.disputes_are_settled_once(booking, payment, mine, entries)
        for dispute in mine:
            if dispute.open:
                self.open_dispute_has_a_deadline(dispute, ready)
        check_promise(
            booking, payment, self.world.job_of(booking), self.world.dispute_of(booking),
            now=self.world.now, messages=ready,
            clearing=self.world.seen.rows[f"documents:{CLEARINGS.collection}"].get(booking.id),
        )  # fmt: skip

    def _timeline(self, booking: Booking) -> list[Entry]:
        return list(self.world.seen.timeline[booking.id].values())

    def paid_booking_has_one_job(self, booking: Booking) -> None:
        was_paid = payments.Status.PAID in self.world.seen.statuses[booking.payment_id]
        rows = self.world.seen.rows["jobs"].values()
        owned = [each.id for each in rows if each.booking_id == booking.id]
        assert owned == [booking.job_id] * was_paid

    def open_work_has_messages(
        self, booking: Booking, payment: Payment, ready: list[OutboxMessage]
    ) -> None:
        """Every open booking, job, payment and refund has a message in the outbox."""
        kinds, ids = {each.kind for each in ready}, {each.id for each in ready}
        polled = "payments.poll" in kinds
        if booking.status is bookings.Status.HELD:
            assert "bookings.expire" in kinds
            assert polled or payment.status is not payments.Status.PENDING
        for refund in payment.refunds:
            if refund.status is RefundStatus.DUE:
                assert f"{refund.id}:payments.refund" in ids
            assert polled or refund.status is not RefundStatus.SENT, f"{refund.id} is not polled"
        now, job = self.world.now, self.world.job_of(booking)
        if payment.contested:  # they wait, and are tried again from time to time
            now += CHARGEBACK_WAIT
        if booking.status is REQUESTED and booking.accept_by:
            self._due(ready, "bookings.auto_cancel", booking.accept_by, now)
        if job is None:
            return
        assert job.booked_end == booking.end
        if job.status is jobs.Status.DELIVERED:
            assert job.approve_by
            self._due(ready, "jobs.auto_approve", job.approve_by, now)
            numbers = {e.payload["delivery"] for e in ready if e.kind == "jobs.auto_approve"}
            assert str(job.deliveries) in numbers
        elif job.status in jobs.WORKING:
            self._due(ready, "jobs.give_up", job.deliver_by, now)

    @staticmethod
    def _due(ready: list[OutboxMessage], kind: str, ends: datetime, now: datetime) -> None:
        """There is one that is not later than this end, or is overdue."""
        due = [each.due_at for each in ready if each.kind == kind]
        assert due, f"no message of {kind}"
        assert min(due) <= max(ends, now), (kind, due)

    def steps_happen_once(self, booking: Booking, timeline: list[Entry]) -> None:
        kinds = Counter(entry.what for entry in timeline)
        assert kinds["held"] == 1, booking.id
        assert {what for what in kinds if kinds[what] > 1} & ONCE_ONLY == set()

    def review_outlasts_the_meeting(self, booking: Booking, timeline: list[Entry]) -> None:
        """Nothing is approved automatically before 72 hours after the booked end, and nothing is
        given up before 14 days after it; only the client can release the money earlier."""
        least = {"approved": booking.terms.approve_within, "not_delivered": 14 * DAY}
        for entry in timeline:
            if entry.actor is Actor.DEADLINE and entry.what in least:
                assert entry.at >= booking.end + least[entry.what], entry

    def proposals_end_once(
        self, booking: Booking, timeline: list[Entry], ready: list[OutboxMessage]
    ) -> None:
        entries = [each for each in timeline if each.what in set(RescheduleStep)]
        steps = [each.what for each in entries]
        moved.update(steps)
        assert steps.count("moved") == booking.moves
        assert steps.count("move_proposed") - steps.count("move_taken") == booking.proposals <= 2
        assert all(what == "move_proposed" for what in steps[::2])
        assert all(what != "move_proposed" for what in steps[1::2])
        starts = [each.times.old for each in entries if each.times]
        new = [each.times.new for each in entries if each.what == "moved" and each.times]
        assert booking.start == (new or starts or [booking.start])[-1 if new else 0]
        if booking.proposal:
            assert booking.status in bookings.MOVABLE
            assert steps[-1] == "move_proposed"
            assert "reschedules.expire" in {each.kind for each in ready}

    def is_divided_by_others(self, booking: Booking) -> bool:
        """By a bank or an administrator, beside what the two sides have agreed."""
        payment = self.world.payment_of(booking)
        decided = any(each.reason == DECIDED for each in payment.refunds)
        return decided or bool(self.world.chargebacks_of(booking))

    # Disputes

    def job_is_frozen_while_a_dispute_is_open(
        self, booking: Booking, payment: Payment, mine: list[Dispute]
    ) -> None:
        open_ones = [each for each in mine if each.open]
        assert len(open_ones) <= 1
        job = self.world.job_of(booking)
        assert (job is not None and job.status in jobs.FROZEN) == bool(open_ones)
        if job and open_ones:
            assert booking.status is CONFIRMED
            assert payment.status is payments.Status.PAID
            proposed = open_ones[0].status is disputes.Status.PROPOSED
            assert (job.status is jobs.Status.CANCELLING) == proposed

    def disputes_are_settled_once(
        self, booking: Booking, payment: Payment, mine: list[Dispute], entries: list[Transaction]
    ) -> None:
        settled = [each for each in mine if each.settlement]
        assert len(settled) <= 1
        for dispute in settled:
            self.money_is_divided_exactly(booking, payment, dispute, entries)
        for dispute in mine:
            waiting = [o for o in dispute.offers if o.state is OfferState.WAITING]
            assert len(waiting) <= (1 if dispute.open else 0)

    def money_is_divided_exactly(
        self, booking: Booking, payment: Payment, dispute: Dispute, entries: list[Transaction]
    ) -> None:
        """Refund, earning and fee are the price; each is booked at most once, and in the end."""
        end = dispute.settlement
        assert end
        shares = Shares.of(booking, end.refund)
        assert shares.refund + shares.earning + shares.fee == booking.price
        if end.how is How.NOT_ANSWERED:
            self.who_came_alone_has_the_money(booking, dispute)
        if self.is_divided_by_others(booking):
            return
        assert payment.returning == end.refund
        releases = [each for each in entries if each.kind is Kind.RELEASE]
        assert len(releases) == bool(shares.released)
        for entry in releases:
            lines = {line.account: line.amount for line in entry.lines}
            assert lines[escrow(booking.id)] == -shares.released
            assert lines[clearing(booking.developer.id)] == shares.earning
        assert payment.refunded.amount <= end.refund.amount

    def who_came_alone_has_the_money(self, booking: Booking, claim: Dispute) -> None:
        """By the stays as they are stored: nobody who was seen before the claim loses by it. In the
        moment of the claim somebody may come after it."""
        stays = [
            each for each in self.world.seen.rows["stays"].values()
            if each.booking_id == booking.id and each.came_at < claim.opened_at
        ]  # fmt: skip
        came = {
            party.account_id: attendance(
                booking, stays, party.account_id, now=claim.opened_at, policy=CallPolicy()
            ).verdict in CAME
            for party in (booking.client, booking.developer)
        }  # fmt: skip
        assert claim.reason is Reason.NO_SHOW
        assert claim.settlement
        assert not came[claim.party(claim.other).account_id]
        earned = claim.opened_by is Actor.DEVELOPER and came[booking.developer.account_id]
        assert claim.settlement.refund == (booking.price * 0 if earned else booking.price)
        claims[earned] += 1

    def open_dispute_has_a_deadline(self, dispute: Dispute, ready: list[OutboxMessage]) -> None:
        stages = {
            each.payload["stage"]: each.due_at
            for each in ready
            if each.kind == "disputes.deadline" and each.payload["dispute"] == dispute.id
        }
        match dispute.status:
            case disputes.Status.PROPOSED:
                assert stages["contest"] >= dispute.answer_by
            case disputes.Status.OPEN:
                assert stages["answer"] >= dispute.answer_by
            case disputes.Status.EVIDENCE:
                assert dispute.evidence_until
                assert stages["evidence"] >= dispute.evidence_until
        if dispute.status is not disputes.Status.PROPOSED:
            assert stages["end"] >= dispute.ends_at
