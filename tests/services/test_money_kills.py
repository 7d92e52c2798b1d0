"""A process is killed, or a request is cancelled, at each crossing of the database and of the
providers, in every flow of money. Whoever acted acts again, as people and programs do, and the
relay takes over. Then the money is where it is without the kill, and all invariants hold."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from core.dispute_parts import WishKind
from core.money import Money
from core.payments_facts import RefundStatus
from core.policy import DAY, HOUR, MINUTE
from core.withdrawals import Status, WithdrawalId
from core.withdrawals_facts import TransferStatus
from tests.app import CALLER
from tests.builders.withdrawals import set_account
from tests.services.machine.killing import KillableWorld
from tests.services.machine.money_flows import MoneyFlow
from tests.services.machine.running import Machine

KEY = WithdrawalId("wd_of_the_key")
EVERY = 9
"""The quick test takes every ninth crossing; the long one takes all."""


class Flow(MoneyFlow):
    """Those of clients and developers."""

    # Each flow, by its name in `FLOWS`

    async def book(self) -> None:
        world = self.machine.world
        await self.machine.services.bookings.hold(
            by=world.clients[0].id, developer_id=world.developers[0].id, start=self.start,
            hours=1, brief="Slow.", request_id=self.booking_id,
        )  # fmt: skip

    async def pay(self) -> None:
        facts = self.machine.order_of(self.machine.world.payment_of(self.booking))
        if facts is None or not facts.attempts:
            self.machine.try_to_pay(self.booking, "success")
        await self.machine.app.settle(self.booking)

    async def accept(self) -> None:
        await self.act("accept")

    async def decline(self) -> None:
        await self.act("decline")

    async def cancel(self) -> None:
        await self.act("cancel")

    async def cancel_by_developer(self) -> None:
        await self.act("cancel_by_developer")

    async def deliver(self) -> None:
        await self.act("deliver")

    async def approve(self) -> None:
        await self.act("approve")

    async def release(self) -> None:
        await self.act("release")

    async def time_passes(self) -> None:
        """All deadlines: expiry, automatic cancellation and approval, clearing."""
        world = self.machine.world
        for days in (0, 1, 4, 8, 30):
            world.clock.set(max(world.now, world.first + days * DAY))
            await self.machine.app.run()

    async def refund_fails(self) -> None:
        """The provider refuses it finally; it is asked again under a new id."""
        gateway, app = self.machine.gateway, self.machine.app
        gateway.refunds_succeed_at_once = False
        await self.act("cancel")
        await app.run()
        if not any(each.status is RefundStatus.FAILED for each in self._refunds()):
            gateway.finish_refunds(RefundStatus.FAILED)
        await app.settle(self.booking)
        gateway.refunds_succeed_at_once = True
        await app.pass_time(2 * HOUR)
        gateway.finish_refunds()
        await app.pass_time(DAY)

    def _refunds(self) -> Any:
        facts = self.machine.order_of(self.machine.world.payment_of(self.booking))
        return facts.refunds if facts else ()

    async def dispute(self, what: str, side: str, part: int = 37) -> None:
        by = self.machine.world.account_of(self.booking, side)
        await self.tried(self.machine.dispute_act(self.booking, what, by, part, WishKind.PART))

    async def open_dispute(self) -> None:
        if not self.machine.world.disputes_of(self.booking):
            await self.dispute("open", "client")

    async def settle_dispute(self) -> None:
        await self.open_dispute()
        await self.dispute("settle", "client")

    async def agree(self) -> None:
        await self.open_dispute()
        case = self.machine.world.dispute_of(self.booking)
        if case is None or not case.offers:
            await self.dispute("offer", "developer", 50)
        await self.dispute("accept", "client")

    async def withdraw_dispute(self) -> None:
        await self.open_dispute()
        await self.dispute("withdraw", "client")

    async def claim(self) -> None:
        """The developer does not come, and does not answer."""
        world, services = self.machine.world, self.machine.services
        world.clock.set(max(world.now, self.booking.start))
        by = self.booking.client.account_id
        await self.tried(services.call_presence.join(self.booking.id, "page", by=by))
        world.clock.set(max(world.now, self.booking.start + 12 * MINUTE))
        await self.tried(services.no_shows.claim(self.booking.id, by=by))
        await self.machine.app.pass_time(4 * DAY)

    async def lose_a_case(self) -> None:
        await self.open_dispute()
        await self.lose()

    async def ask(self) -> None:
        world = self.machine.world
        await self.machine.services.withdrawals.request(
            by=world.earner(0), caller=CALLER, amount=Money(100_000), request_id=KEY
        )
        await self.machine.app.run()

    async def transfer(self, end: TransferStatus) -> None:
        await self.ask()
        if self.machine.payouts.transfers[KEY].status is TransferStatus.PENDING:
            self.machine.payouts.settle(KEY, end)
        await self.machine.app.pass_time(2 * DAY)

    async def arrive(self) -> None:
        await self.transfer(TransferStatus.SUCCEEDED)

    async def fail(self) -> None:
        await self.transfer(TransferStatus.FAILED)

    async def come_back(self) -> None:
        await self.arrive()
        self.machine.payouts.settle(KEY, TransferStatus.REVERSED)
        await self.machine.app.pass_time(4 * DAY)

    async def held_and(self, then: str) -> None:
        world, services = self.machine.world, self.machine.services
        if not any(each.id == KEY for each in world.withdrawals):
            await services.withdrawals.request(
                by=world.earner(1), caller=CALLER, amount=Money(100_000), request_id=KEY
            )
        (made,) = (each for each in world.withdrawals if each.id == KEY)
        if made.status is Status.HELD and then == "release":
            await services.withdrawal_review.release(KEY, by=self.machine.admin, caller=CALLER)
        elif made.status is Status.HELD and then == "refuse":
            await services.withdrawal_review.refuse(
                KEY, by=self.machine.admin, caller=CALLER, reason="No."
            )

    async def release_withdrawal(self) -> None:
        await self.held_and("release")

    async def refuse_withdrawal(self) -> None:
        await self.held_and("refuse")

    async def take_back(self) -> None:
        services, owner = self.machine.services, self.machine.world.earner(1)
        await self.held_and("nothing")
        await self.tried(services.withdrawals.cancel(KEY, by=owner, caller=CALLER))

    async def change_account(self) -> None:
        world = self.machine.world
        await set_account(self.machine.app, world.earner(0), number="50100482170938")


PAID, ACCEPTED, DELIVERED = "pay", "pay accept", "pay accept deliver"
APPROVED = "pay accept deliver approve"
FLOWS: dict[str, tuple[str, int]] = {
    "book": ("nothing", 72),
    "pay": ("", 72),
    "release": ("", 72),
    "accept": (PAID, 72),
    "decline": (PAID, 72),
    "cancel": (ACCEPTED, 72),
    "cancel a request": (PAID, 72),
    "cancel late": (ACCEPTED, 14),
    "cancel in the last hours": (ACCEPTED, 5),
    "cancel by developer": (ACCEPTED, 14),
    "refund fails": (ACCEPTED, 72),
    "deliver": (ACCEPTED, 72),
    "approve": (DELIVERED, 72),
    "time passes": ("", 72),
    "time passes after payment": (PAID, 72),
    "time passes after acceptance": (ACCEPTED, 72),
    "time passes after delivery": (DELIVERED, 24),
    "open dispute": (DELIVERED, 72),
    "settle dispute": (DELIVERED, 72),
    "agree": (DELIVERED, 72),
    "withdraw dispute": (DELIVERED, 72),
    "claim": (ACCEPTED, 24),
    "ask": ("nothing", 72),
    "arrive": ("nothing", 72),
    "fail": ("nothing", 72),
    "come back": ("nothing", 72),
    "release withdrawal": ("nothing", 72),
    "refuse withdrawal": ("nothing", 72),
    "take back": ("nothing", 72),
    "change account": ("nothing", 72),
    "pay on top": ("", 72),
    "pay late": ("", 72),
    "return suspended": ("", 72),
    "pay otherwise": (ACCEPTED, 120),
    "request again": (ACCEPTED, 120),
    "refund by decision": (DELIVERED, 72),
    "refund by decision after the release": (APPROVED, 72),
    "win": (DELIVERED, 72),
    "lose": (DELIVERED, 72),
    "lose a case": (DELIVERED, 72),
    "lose after the release": (APPROVED, 72),
    "win in the next instance": (APPROVED, 72),
    "send evidence": (DELIVERED, 72),
    "give in": (APPROVED, 72),
    "be settled": (DELIVERED, 72),
}
"""What has happened before, and in how many hours the booking starts."""
METHODS = {
    "cancel a request": "cancel",
    "cancel late": "cancel",
    "cancel in the last hours": "cancel",
    "lose a case": "lose_a_case",
    "lose after the release": "lose",
    "refund by decision after the release": "refund_by_decision",
    "time passes after payment": "time_passes",
    "time passes after acceptance": "time_passes",
    "time passes after delivery": "time_passes",
}
"""Those with another name than the flow."""


@pytest.fixture(scope="module")
def world() -> Iterator[KillableWorld]:
    logging.disable(logging.CRITICAL)
    built = KillableWorld()
    yield built
    built.close()
    logging.disable(logging.NOTSET)


def prepared(world: KillableWorld, name: str) -> tuple[Flow, str]:
    before, hours = FLOWS[name]
    return Flow(Machine(world), before, hours), METHODS.get(name, name.replace(" ", "_"))


def ended_anywhere(world: KillableWorld, name: str, *, every: int) -> None:
    counted: list[int] = []
    for _ in range(2):  # the first run of a flow may read what later ones know
        flow, method = prepared(world, name)
        counted.append(world.crossings(flow.run(method)))
    crossings, expected = min(counted), books(world)
    assert crossings > 4
    for number in range(crossings):
        if number % every not in (0, every // 2):
            continue
        # Half of the crossings for each way to end, and all for both in the long test.
        for cancels in (False, True) if every == 1 else (number % every != 0,):
            flow, method = prepared(world, name)
            ended = world.end_at(number, flow.run(method), cancels=cancels)
            world.clock.advance(MINUTE)  # the leases of the killed relay end
            world.run(flow.run(method))
            check(world, flow, expected, f"{name}, crossing {number}, cancelled: {cancels}")
            assert ended or cancels


def books(world: KillableWorld) -> dict[str, int]:
    return {account: paise for account, paise in world.seen.balances.items() if paise}


def check(world: KillableWorld, flow: Flow, expected: dict[str, int], where: str) -> None:
    try:
        flow.machine.invariants.check_all()
        assert books(world) == expected
        flow.machine.all_work_completes()
        assert books(world) == expected
    except BaseException as error:
        error.add_note(where)
        raise


@pytest.mark.parametrize("name", FLOWS)
def test_a_flow_that_was_killed_or_cancelled_ends_as_if_it_was_not(
    name: str, world: KillableWorld
) -> None:
    ended_anywhere(world, name, every=EVERY)


@pytest.mark.long
@pytest.mark.parametrize("name", FLOWS)
def test_the_same_at_each_crossing(name: str, world: KillableWorld) -> None:
    ended_anywhere(world, name, every=1)
