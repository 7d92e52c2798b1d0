"""Flows of money that banks and administrators decide about: each is repeated until it is done."""

from __future__ import annotations

import json
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from adapters.memory.payments import signed
from core.bookings import Booking
from core.chargebacks import Status
from core.errors import OneHourError
from core.money import Money
from core.payments import PaymentId
from core.policy import DAY, HOUR, MINUTE
from core.settlements import Status as SettlementStatus
from services.chargebacks import Answer
from services.payments import Solution, Solving
from tests.app import CALLER
from tests.services.machine.running import Machine

SURCHARGE = Money(2_360)
CHARGED = Money(50_000)
"""What the provider takes for a chargeback."""
OTHERWISE = Solving.checked(Solution.PAID_OTHERWISE, reason="Closed.", reference="UTR 4711")
AGAIN = Solving.checked(Solution.RETRY, reason="It works again.", reference="")


@dataclass
class BookingFlow:
    """What has happened `before` with one booking."""

    machine: Machine
    before: str
    starts_in_hours: int = 72

    def __post_init__(self) -> None:
        world, machine = self.machine.world, self.machine
        self.start = world.first.replace(minute=0, second=0) + self.starts_in_hours * HOUR
        self.booking_id = "bkg_of_the_key"
        if self.before != "nothing":
            booking = machine.hold_at(0, 0, self.start, 1)
            assert booking
            self.booking_id = booking.id
            machine.advance(booking, self.before)
        world.run(machine.app.run())

    @property
    def booking(self) -> Booking:
        return self.machine.world.booking(self.booking_id)

    @property
    def payment_id(self) -> PaymentId:
        return PaymentId(self.booking.payment_id)

    async def tried(self, work: Coroutine[Any, Any, object]) -> None:
        """A repeat may be refused, because the first try was done."""
        with suppress(OneHourError):
            await work

    async def run(self, name: str) -> None:
        await getattr(self, name)()
        await self.machine.app.run()

    async def act(self, what: str) -> None:
        await self.tried(self.machine.action(self.booking, what))


class MoneyFlow(BookingFlow):
    # Payments that are not as usual

    async def pay_on_top(self) -> None:
        """Twice, with a surcharge: the second one is returned."""
        payment = self.machine.world.payment_of(self.booking)
        facts = self.machine.order_of(payment)
        for _ in range(2 - len(facts.attempts if facts else ())):
            self.machine.try_to_pay(self.booking, "success", surcharge=SURCHARGE)
        await self.machine.app.settle(self.booking)
        await self.machine.app.run()
        await self.machine.app.settle(self.booking)

    async def pay_late(self) -> None:
        """The time was over, and another client has taken it."""
        world, machine = self.machine.world, self.machine
        world.clock.set(max(world.now, world.first + 40 * MINUTE))
        await machine.app.run()
        await self.tried(machine.services.bookings.hold(
            by=world.clients[1].id, developer_id=world.developers[0].id, start=self.start,
            hours=1, brief="Mine.", request_id="bkg_of_another",
        ))  # fmt: skip
        facts = machine.order_of(world.payment_of(self.booking))
        if facts and not facts.attempts:
            machine.try_to_pay(self.booking, "success")
        await machine.app.settle(self.booking)
        await machine.app.pass_time(40 * MINUTE)

    async def _stop_refund(self) -> None:
        gateway, world = self.machine.gateway, self.machine.world
        gateway.refunds_fail = True
        await self.act("cancel")
        for days in range(1, 6):
            world.clock.set(max(world.now, world.first + days * DAY))
            await self.machine.app.run()

    async def _solve(self, solving: Solving) -> None:
        await self._stop_refund()
        self.machine.gateway.refunds_fail = False
        for refund in self.machine.world.payment_of(self.booking).refunds_stopped:
            await self.tried(self.machine.services.stopped_refunds.solve(
                self.payment_id, refund.id, by=self.machine.admin, caller=CALLER, solving=solving
            ))  # fmt: skip
        await self.machine.app.pass_time(DAY)

    async def pay_otherwise(self) -> None:
        await self._solve(OTHERWISE)

    async def request_again(self) -> None:
        await self._solve(AGAIN)

    async def refund_by_decision(self) -> None:
        if not self.machine.world.payment_of(self.booking).refunds:
            await self.machine.services.refunds.refund(
                self.payment_id, by=self.machine.admin, caller=CALLER,
                amount=self.booking.price.percent(40), reason="They agree.",
            )  # fmt: skip
        await self.machine.app.run()

    async def return_suspended(self) -> None:
        """Another amount arrives, and an administrator has it returned."""
        facts = self.machine.order_of(self.machine.world.payment_of(self.booking))
        if facts is not None and not facts.attempts:
            self.machine.gateway.pay(facts.order_id, amount=Money(100))
        await self.machine.app.settle(self.booking)
        if not self.machine.world.payment_of(self.booking).refunds:
            await self.machine.services.suspended_money.give_back(
                self.payment_id, by=self.machine.admin, caller=CALLER, reason="Not the price."
            )
        await self.machine.app.run()

    # Chargebacks

    async def question(self) -> None:
        gateway, order = self.machine.gateway, self.machine.world.payment_of(self.booking).order_id
        if not gateway.chargebacks_of(order):
            until = self.machine.world.now + 25 * HOUR
            gateway.question(order, respond_by=until, fee=CHARGED)
        await self.hear("dispute", order)

    async def hear(self, kind: str, about: str) -> None:
        body = json.dumps({"id": f"{kind}:{about}", "order_id": about, "kind": kind}).encode()
        await self.machine.services.payments.receive_webhook("memory", signed(body), body)
        await self.machine.app.run()

    async def decide(self, status: Status) -> None:
        gateway, order = self.machine.gateway, self.machine.world.payment_of(self.booking).order_id
        (fact,) = gateway.chargebacks_of(order)
        if fact.status is not status:
            gateway.decide(fact.reference, status)
        await self.machine.services.chargebacks.refresh(self.payment_id)
        await self.machine.app.run()

    async def lose(self) -> None:
        await self.question()
        await self.decide(Status.LOST)

    async def win(self) -> None:
        await self.question()
        await self.decide(Status.WON)

    async def win_in_the_next_instance(self) -> None:
        for status in (Status.LOST, Status.OPEN, Status.WON):
            await self.question()
            await self.decide(status)

    async def send_evidence(self) -> None:
        """In time, without anybody; the bank decides for the client all the same."""
        await self.question()
        await self.machine.app.pass_time(2 * HOUR)
        await self.decide(Status.LOST)

    async def give_in(self) -> None:
        await self.question()
        for chargeback in self.machine.world.chargebacks_of(self.booking):
            await self.tried(self.machine.services.chargeback_answers.answer(
                Answer.ACCEPT, chargeback.id, by=self.machine.admin, caller=CALLER, reason="So."
            ))  # fmt: skip
        await self.machine.app.run()

    # Settlements

    async def be_settled(self) -> None:
        """By a webhook and the daily reading; a settlement that fails is followed by another."""
        gateway = self.machine.gateway
        gateway.settles = False
        if not gateway.settlements_made:
            gateway.settle_all()
        await self.hear("settlement_paid", "set1")
        if len(gateway.settlements_made) == 1:
            gateway.change_settlement("set1", SettlementStatus.FAILED)
            gateway.settle_all()
        await self.machine.services.settlements.start()
        await self.machine.app.run()
