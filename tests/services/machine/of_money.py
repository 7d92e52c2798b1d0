"""What banks, payment providers and administrators do with money that was paid: chargebacks,
settlements, payments with a surcharge, refunds by decision, and refunds that the provider refuses
until somebody pays them by another way, and suspended money that goes back."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta

from adapters.memory.payments import signed
from core.bookings import Booking
from core.chargebacks import ChargebackFact, Status, chargeback_id
from core.errors import OneHourError
from core.money import Money
from core.payments import PaymentId
from core.policy import DAY
from core.settlements import Status as SettlementStatus
from core.transactions import suspense
from services.chargebacks import Answer
from services.payments import Solution, Solving
from tests.app import CALLER
from tests.services.machine.acting import Choices
from tests.services.machine.of_bookings import EXPIRED, HELD
from tests.services.machine.of_disputes import DisputeActs

QUESTIONED = (100, 100, 37, 63, 120)
"""Percent of the price that a bank asks back."""
DECISIONS = (Status.LOST, Status.WON, Status.LOST, Status.REVIEW, Status.OPEN, Status.WON, None)
"""None is a word of the provider that we do not know."""
TIMES_TO_ANSWER = (7 * DAY, timedelta(hours=30), None)
PARTS = (100, 37, 1, 100)
"""Percent of what can be refunded."""
SURCHARGE = Money(2_360)
ENDS = ("paid", "paid", "failed", "reversed", "pending")
SOLUTIONS = (
    Solving.checked(Solution.PAID_OTHERWISE, reason="The card is closed.", reference="UTR 4711"),
    Solving.checked(Solution.RETRY, reason="It works again.", reference=""),
)


class MoneyActs(DisputeActs):
    # Chargebacks

    def bank_questions(self, pick: Choices) -> bool:
        """A part of a payment, all of it, or more; a payment can have several chargebacks."""
        paid = [each for each in self.world.bookings if self.world.payment_of(each).captured]
        if not paid:
            return False
        booking = pick.recent(paid, 4)
        order = self.world.payment_of(booking).order_id
        if len(self.gateway.chargebacks_of(order)) == 3:
            return False
        wait = pick.of(TIMES_TO_ANSWER)
        self.gateway.question(
            order, booking.price.percent(pick.of(QUESTIONED)),
            respond_by=self.world.now + wait if wait else None,
            fee=Money(50_000) if pick.below(3) == 2 else None,
        )  # fmt: skip
        self._hears(booking, pick)
        return True

    def bank_decides(self, pick: Choices) -> bool:
        """Whatever was decided before: every decision can be taken to the next instance."""
        if not (asked := self.questions()):
            return False
        (booking, fact), status = pick.recent(asked, 4), pick.of(DECISIONS)
        self.gateway.decide(fact.reference, status, said="?" if status is None else "")
        self._hears(booking, pick)
        return True

    def chargeback_is_answered(self, pick: Choices) -> bool:
        """By the evidence at once, or by giving in; the same request may come twice."""
        open_ones = [each for each in self.world.chargebacks if each.undecided]
        if not open_ones:
            return False
        chosen, answer = pick.recent(open_ones), pick.of((Answer.ACCEPT, Answer.EVIDENCE))
        answers = self.services.chargeback_answers
        self.together(*[
            answers.answer(answer, chosen.id, by=self.admin, caller=CALLER, reason="Enough.")
            for _ in range(1 + pick.below(2))
        ])  # fmt: skip
        if pick.below(3):
            self.do(self.app.run())
        return True

    def questions(self) -> list[tuple[Booking, ChargebackFact]]:
        """All that the bank has asked, by booking."""
        return [
            (booking, fact)
            for booking in self.world.bookings
            if self.order_of(self.world.payment_of(booking))
            for fact in self.gateway.chargebacks_of(self.world.payment_of(booking).order_id)
        ]

    def _hears(self, booking: Booking, pick: Choices) -> None:
        """Nobody says so yet, a webhook does, once or twice, or somebody asks."""
        how, payment = pick.below(4), self.world.payment_of(booking)
        if how == 3:
            return
        if how:
            self.names += 1
            said = {"id": f"d{self.names}", "order_id": payment.order_id, "kind": "dispute"}
            body = json.dumps(said).encode()
            hear = self.services.payments.receive_webhook
            self.together(*[hear("memory", signed(body), body) for _ in range(how)])
            self.do(self.app.run())
            return
        self.do(self.services.chargebacks.refresh(PaymentId(booking.payment_id)))

    # Settlements

    def money_is_settled(self, pick: Choices) -> bool:
        """What the provider owes, or a settlement of before ends otherwise; then the daily reading,
        or a webhook and the reading."""
        end = SettlementStatus(pick.of(ENDS))
        if pick.below(3) == 2 and (made := self.gateway.settlements_made):
            reference = pick.recent(made)
            self.gateway.change_settlement(reference, end)
        else:
            reference = self.gateway.settle_all(end)
        if reference and pick.flag():
            self.names += 1
            said = {"id": f"s{self.names}", "order_id": reference, "kind": "settlement_paid"}
            body = json.dumps(said).encode()
            self.do(self.services.payments.receive_webhook("memory", signed(body), body))
        else:
            self.do(self.services.settlements.start())
        if pick.below(3):
            self.do(self.app.run())
        return True

    # Paid on top, refunded by decision, paid otherwise

    def pays_on_top(self, pick: Choices) -> bool:
        """The client pays more than the order for the way to pay, at times twice."""
        payable = [
            each
            for each in self.in_state(HELD, EXPIRED)
            if not self.world.payment_of(each).mismatch
        ]
        if not payable:
            return False
        booking = pick.recent(payable)
        for outcome in ("success", "success")[pick.below(2) :]:
            self.try_to_pay(booking, outcome, surcharge=SURCHARGE)
        if pick.below(3):
            self.do(self.app.settle(booking))
        return True

    def refund_is_decided(self, pick: Choices) -> bool:
        """By an administrator, before or after the release, twice at the same time."""
        paid = [each for each in self.world.bookings if self.world.payment_of(each).captured]
        if not paid:
            return False
        booking = pick.recent(paid, 4)
        amount = self.world.payment_of(booking).refundable.percent(pick.of(PARTS))
        self.together(*[
            self.services.refunds.refund(
                PaymentId(booking.payment_id), by=self.admin, caller=CALLER, amount=amount,
                reason="They agree.",
            )
            for _ in range(1 + pick.below(2))
        ])  # fmt: skip
        if pick.below(3):
            self.do(self.app.run())
        return True

    def refunds_are_refused(self, pick: Choices) -> bool:
        """Each request is refused, until those of now wait for an administrator."""
        self.gateway.refunds_fail = True
        if pick.flag():
            for _ in range(4):
                self.do(self.app.pass_time(DAY))
        return True

    def suspended_money_is_returned(self, pick: Choices) -> bool:
        """By one administrator or two. Where none is suspended, another amount arrives first."""
        kept = [each for each in self.world.bookings if self._suspended(each)]
        if not kept:
            unpaid = [each for each in self.world.bookings if self._untouched(each)]
            if not unpaid:
                return False
            booking = pick.recent(unpaid)
            amount = Money(1 + pick.below(200) * 5_000)
            self.gateway.pay(self.world.payment_of(booking).order_id, amount=amount)
            self.do(self.services.payments.settle(PaymentId(booking.payment_id)))
            return True
        booking = pick.recent(kept)
        self.together(*[
            self.services.suspended_money.give_back(
                PaymentId(booking.payment_id), by=self.admin, caller=CALLER, reason="Not the price."
            )
            for _ in range(1 + pick.below(2))
        ])  # fmt: skip
        if pick.below(3):
            self.do(self.app.run())
        return True

    def _untouched(self, booking: Booking) -> bool:
        """Whether nobody has tried to pay it: a surcharge of an order with another amount is held
        back with it, which the totals of the provider do not have."""
        payment = self.world.payment_of(booking)
        with suppress(OneHourError):
            return payment.open and not self.gateway.order(payment.order_id).attempts
        return False

    def _suspended(self, booking: Booking) -> int:
        return self.world.seen.balances.get(suspense(booking.payment_id), 0)

    def stopped_refund_is_solved(self, pick: Choices) -> bool:
        """It is requested again or paid otherwise, or two administrators do either. Where none is
        stopped, one of now is refused until it is."""
        stopped = [
            (booking, refund)
            for booking in self.world.bookings
            for refund in self.world.payment_of(booking).refunds_stopped
        ]
        if not stopped:
            self.gateway.refunds_fail = True
            return self.refund_is_decided(pick) and self.refunds_are_refused(Choices(b"\1"))
        booking, refund = pick.recent(stopped)
        self.gateway.refunds_fail = pick.below(4) == 3
        self.together(*[
            self.services.stopped_refunds.solve(
                PaymentId(booking.payment_id), refund.id, by=self.admin, caller=CALLER,
                solving=pick.of(SOLUTIONS),
            )
            for _ in range(1 + pick.below(2))
        ])  # fmt: skip
        if pick.below(3):
            self.do(self.app.run())
        return True


def known_as(fact: ChargebackFact) -> str:
    """The id of what we store about it."""
    return chargeback_id("memory", fact.reference)
