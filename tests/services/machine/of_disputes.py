"""Disputes, claims of no-shows, and moved bookings."""

from __future__ import annotations

from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any

from core.bookings import Booking
from core.developers import DeveloperId
from core.dispute_parts import Reason, WishKind
from core.disputes import Dispute
from core.jobs import JobId
from core.money import Money
from core.policy import DAY, HOUR, MINUTE
from core.timeline import Actor
from tests.app import CALLER
from tests.services.machine.acting import Choices
from tests.services.machine.of_bookings import CONFIRMED, REQUESTED
from tests.services.machine.of_withdrawals import WithdrawalActs

ACTS = (
    "open enter claim answer evidence offer accept withdraw once_more settle ask read "
    "cancel approve deliver request_changes send_again"
).split()
FITTING = "answer answer offer accept settle withdraw once_more offer ask".split()
PARTS = (37, 0, 1, 50, 99, 100)
"""Of a hundred; 1 stands for one paisa."""
WISHES = (WishKind.ALL, WishKind.PART, WishKind.CHANGES, WishKind.OTHER)
TWO = ("client", "developer")
MOVES = "accept refuse withdraw cancel decline deliver approve".split()
LATER = (DAY, HOUR, 3 * DAY, -45 * MINUTE, -DAY, 9 * DAY, -3 * DAY)


class DisputeActs(WithdrawalActs):
    def dispute_opens(self, pick: Choices) -> bool:
        if not (found := self.in_state(CONFIRMED)):
            return False
        booking = pick.recent(found)
        by = self.world.account_of(booking, pick.of(TWO))
        self.do(self.dispute_act(booking, "open", by, 37, pick.of(WISHES)))
        return True

    def dispute_step(self, pick: Choices) -> bool:
        """A side does what it may."""
        if not (found := [each for each in self.world.disputes if each.open]):
            return False
        dispute, what = pick.recent(found), pick.of(FITTING)
        sides = {"answer": dispute.other, "withdraw": dispute.opened_by, "settle": Actor.CLIENT}
        by = dispute.party(sides.get(what, Actor.DEVELOPER)).account_id
        if what == "accept" and dispute.standing:
            by = dispute.party(_other(dispute.standing.by)).account_id
        booking, wish = self.world.booking(dispute.booking_id), pick.of(WISHES)
        self.do(self.dispute_act(booking, what, by, pick.of(PARTS), wish))
        return True

    def any_dispute_act(self, pick: Choices) -> bool:
        """One act of anybody, often sent twice at the same moment."""
        if not (found := self.in_state(CONFIRMED)):
            return False
        booking, what = pick.recent(found), pick.of(ACTS)
        by = self.world.account_of(booking, pick.of((*TWO, "developer", "other user")))
        part, wish = pick.of(PARTS), pick.of(WISHES)
        self.together(*[
            self.dispute_act(booking, what, by, part, wish) for _ in range(1 + pick.below(2))
        ])  # fmt: skip
        return True

    def dispute_together(self, pick: Choices) -> bool:
        """Both sides, an administrator and relays at the same time."""
        if not (found := [each for each in self.world.disputes if each.open]):
            return False
        booking = self.world.booking(pick.recent(found).booking_id)
        work: list[Coroutine[Any, Any, object]] = [
            self.dispute_act(
                booking, pick.of(FITTING), self.world.account_of(booking, side), pick.of(PARTS),
                WishKind.PART,
            )
            for side in TWO
        ]  # fmt: skip
        self.together(*work, self.services.outbox.run_due(), self.app.settle(booking))
        return True

    def dispute_waits(self, pick: Choices) -> bool:
        """Nobody does anything until one or two deadlines."""
        if not (found := [each for each in self.world.disputes if each.open]):
            return False
        dispute = pick.recent(found)
        for _ in range(1 + pick.below(2)):
            wait = max(dispute.due - self.world.now, HOUR)
            self.do(self.app.pass_time(wait + pick.below(3) * DAY))
            dispute = next(each for each in self.world.disputes if each.id == dispute.id)
            if not dispute.open:
                break
        return True

    def meets_and_claims(self, pick: Choices) -> bool:
        """The time of the meeting comes, some sides come, and one says that the other did not."""
        if not (found := self.in_state(CONFIRMED)):
            return False
        booking = pick.recent(found)
        if booking.start > self.world.now:
            self.do(self.app.pass_time(booking.start - self.world.now))
        for side in ((), ("client",), ("developer",), TWO)[pick.below(4)]:
            self.do(self._enter(booking, self.world.account_of(booking, side)))
        self.do(self.app.pass_time(pick.of((11 * MINUTE, 5 * MINUTE, 50 * MINUTE))))
        by = self.world.account_of(booking, pick.of(TWO))
        self.together(*[self.services.no_shows.claim(booking.id, by=by) for _ in "12"])
        return True

    async def _enter(self, booking: Booking, by: str) -> object:
        return await self.services.call_presence.join(booking.id, "page", by=by)

    def cancels_delivered_work(self, pick: Choices) -> bool:
        """At times after asking for changes; then keeps the booking, or the other side acts."""
        if not (found := self.in_state(CONFIRMED)):
            return False
        booking = pick.recent(found)
        if pick.flag():
            self.do(self.action(booking, "request_changes"))
        self.do(self.action(booking, "cancel"))
        then = pick.of(("withdraw", "answer", "accept", "read"))
        by = self.world.account_of(booking, TWO[then != "withdraw"])
        self.do(self.dispute_act(booking, then, by, 37, WishKind.NOTHING_BACK))
        return True

    async def dispute_act(
        self, booking: Booking, what: str, by: str, part: int, wish: WishKind
    ) -> object:
        services, job = self.services, JobId(booking.job_id or "")
        amount = Money(1) if part == 1 else booking.price.percent(part)
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
        dispute = self.world.dispute_of(booking)
        return dispute and await self._about(dispute, what, by, amount, wish)

    async def _about(
        self, dispute: Dispute, what: str, by: str, amount: Money, wish: WishKind
    ) -> object:
        services = self.services
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

    # Moved bookings

    def moves(self, pick: Choices) -> bool:
        """One side proposes a time; it withdraws, the other side answers, or nobody does."""
        if not (found := self.in_state(REQUESTED, CONFIRMED)):
            return False
        booking, side, later = pick.recent(found), pick.below(2), pick.of(LATER)
        self.do(self._propose(booking, TWO[side], later))
        then = pick.of(("accept", "accept", "refuse", "withdraw", ""))
        if then:
            by = TWO[side] if then == "withdraw" else TWO[1 - side]
            self.do(self.move_act(booking, then, self.world.account_of(booking, by)))
        return True

    def moves_together(self, pick: Choices) -> bool:
        """A proposal is answered while others act, relays run, and a rival books."""
        if not (found := self.in_state(REQUESTED, CONFIRMED)):
            return False
        booking = pick.recent(found)
        self.do(self._propose(booking, pick.of(TWO), pick.of(LATER)))
        start = booking.start + pick.of((timedelta(0), DAY, 3 * DAY, -3 * HOUR))
        rival = self._rival(start, self.world.developers[0].id)
        work = [
            self.move_act(booking, pick.of(MOVES), self.world.account_of(booking, side))
            for side in TWO
        ]
        self.together(*work, rival, self.services.outbox.run_due())
        return True

    def moves_to_a_taken_time(self, pick: Choices) -> bool:
        """A rival books the proposed time before the other side answers, mostly by accepting."""
        now = self.world.now
        found = [each for each in self.in_state(REQUESTED, CONFIRMED) if each.start > now]
        if not found:
            return False
        booking, side, later = pick.recent(found), pick.below(2), pick.of(LATER[:3])
        self.do(self._propose(booking, TWO[side], later))
        self.do(self._rival(booking.start + later, DeveloperId(booking.developer.id)))
        answer = pick.of(("accept", "accept", "accept", "refuse"))
        by = self.world.account_of(booking, TWO[1 - side])
        self.do(self.move_act(booking, answer, by))
        return True

    def _rival(self, start: datetime, developer_id: DeveloperId) -> Coroutine[Any, Any, object]:
        """The first client books an hour."""
        self.names += 1
        return self.services.bookings.hold(
            by=self.world.clients[0].id, developer_id=developer_id, start=start, hours=1,
            brief="Mine.", request_id=f"bkg_{self.names:04d}",
        )  # fmt: skip

    async def _propose(self, booking: Booking, side: str, later: timedelta) -> object:
        by = self.world.account_of(booking, side)
        return await self.services.reschedules.propose(
            booking.id, by=by, start=booking.start + later
        )

    async def move_act(self, booking: Booking, what: str, by: str) -> object:
        service = self.services.reschedules
        match what:
            case "accept":
                return await service.accept(booking.id, by=by)
            case "refuse":
                return await service.refuse(booking.id, by=by)
            case "withdraw":
                return await service.withdraw(booking.id, by=by)
            case _:
                return await self.action(booking, what, by)


def _other(side: Actor) -> Actor:
    return Actor.CLIENT if side is Actor.DEVELOPER else Actor.DEVELOPER
