"""The provider's news in every order, with repeats: the money ends where the provider has it.

Each scenario is what happens at the provider, in this order. Its webhooks arrive in another order:
before the one of an event arrives, the event has happened, and so has all before it.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice, permutations
from random import Random
from typing import Any

import pytest

from adapters.memory.payments import signed
from core.accounts import Account
from core.bookings import Booking
from core.chargebacks import Status
from core.developers import Developer
from core.money import Money
from core.payments_facts import RefundStatus
from core.policy import DAY, HOUR, MINUTE
from core.withdrawals_facts import TransferStatus
from tests.app import MemoryApp
from tests.builders.chargebacks import chargebacks_of
from tests.builders.withdrawals import rich_developer, withdraw

QUICK = 5
"""Orders of each scenario in the quick tests, chosen by a seed; the long ones have all."""


@dataclass
class Scene:
    app: MemoryApp
    client: Account
    account: Account
    developer: Developer
    booking: Booking
    attempts: list[str] = field(default_factory=list)
    disputes: list[str] = field(default_factory=list)

    @property
    def bank(self) -> Any:
        return self.app.gateway

    async def order(self) -> str:
        return await self.app.order_of(self.booking)

    async def hear(self, kind: str, name: str) -> None:
        """A genuine webhook about the order, a dispute of it, or the transfer."""
        if kind == "transfer":
            (transfer,) = self.app.payouts.transfers
            body = json.dumps({"id": name, "transfer_id": transfer}).encode()
            sending = self.app.services.withdrawal_sending
            await sending.receive_webhook("memory", signed(body), body)
            return
        said = {"id": name, "order_id": await self.order(), "kind": kind}
        body = json.dumps(said).encode()
        await self.app.services.payments.receive_webhook("memory", signed(body), body)


Happens = Callable[[Scene], Awaitable[None]]
Event = tuple[str, Happens]
Begins = Callable[[], Awaitable[Scene]]


def attempt(outcome: str) -> Event:
    async def happens(scene: Scene) -> None:
        scene.attempts.append(scene.bank.pay(await scene.order(), outcome))

    return "payment", happens


def ends(number: int, outcome: str) -> Event:
    async def happens(scene: Scene) -> None:
        scene.bank.settle(scene.attempts[number], outcome)

    return "payment", happens


def another_amount() -> Event:
    async def happens(scene: Scene) -> None:
        scene.bank.pay(await scene.order(), amount=Money(12_300))
        scene.app.quarantined = 0

    return "payment", happens


def refunds(status: RefundStatus) -> Event:
    async def happens(scene: Scene) -> None:
        scene.bank.finish_refunds(status)

    return "payment", happens


def questioned(part: int = 1) -> Event:
    async def happens(scene: Scene) -> None:
        amount = Money(scene.booking.price.amount // part)
        until = scene.app.clock.now() + 60 * DAY
        scene.disputes.append(scene.bank.question(await scene.order(), amount, respond_by=until))

    return "dispute", happens


def decided(number: int, status: Status) -> Event:
    async def happens(scene: Scene) -> None:
        scene.bank.decide(scene.disputes[number], status)

    return "dispute", happens


def transfer(status: TransferStatus) -> Event:
    async def happens(scene: Scene) -> None:
        (sent,) = scene.app.payouts.transfers
        scene.app.payouts.settle(sent, status)

    return "transfer", happens


async def held() -> Scene:
    app = MemoryApp()
    account, developer = await rich_developer(app, 0)
    client, _ = await app.client()
    return Scene(app, client, account, developer, await app.hold(client, developer))


async def paid() -> Scene:
    scene = await held()
    await scene.app.pay(scene.booking)
    await scene.app.settle(scene.booking)
    await scene.app.run()
    return scene


async def trying_when_the_time_ended() -> Scene:
    """An attempt to pay is open, and the reserved time is over."""
    scene = await held()
    scene.attempts.append(scene.bank.pay(await scene.order(), "pending"))
    await scene.app.pass_time(60 * MINUTE)
    return scene


async def trying_when_it_was_given_back() -> Scene:
    """The client has released the time, which closes the order, while an attempt is open."""
    scene = await held()
    scene.attempts.append(scene.bank.pay(await scene.order(), "pending"))
    await scene.app.services.bookings.release(scene.booking.id, by=scene.client.id)
    await scene.app.run()
    return scene


async def declined() -> Scene:
    scene = await paid()
    scene.app.gateway.refunds_succeed_at_once = False
    by = scene.developer.account_id
    await scene.app.services.answers.decline(scene.booking.id, by=by, reason="Ill")
    await scene.app.run()
    return scene


async def partly_refunded() -> Scene:
    """Cancelled by the client half a day before: one half is refunded, one is released."""
    scene = await paid()
    by = scene.developer.account_id
    await scene.app.services.answers.accept(scene.booking.id, by=by)
    await scene.app.pass_time(3 * DAY - 13 * HOUR)
    scene.app.gateway.refunds_succeed_at_once = False
    await scene.app.services.answers.cancel(scene.booking.id, by=scene.client.id)
    await scene.app.run()
    return scene


async def released() -> Scene:
    scene = await paid()
    by = scene.developer.account_id
    await scene.app.services.answers.accept(scene.booking.id, by=by)
    job = await scene.app.job(scene.booking)
    await scene.app.services.jobs.deliver(job.id, by=by, note="Done.")
    await scene.app.services.jobs.approve(job.id, by=scene.client.id)
    await scene.app.run()
    return scene


async def withdrawn() -> Scene:
    """The released money is on its way to the developer's bank."""
    scene = await released()
    await scene.app.pass_time(8 * DAY)
    await withdraw(scene.app, scene.account, scene.booking.earning.amount)
    await scene.app.run()
    return scene


T = TransferStatus
SCENARIOS: dict[str, tuple[Begins, Sequence[Event]]] = {
    "failed, dropped, paid": (held, (attempt("failed"), attempt("dropped"), attempt("success"))),
    "pending, paid, paid twice": (
        held,
        (attempt("pending"), ends(0, "success"), attempt("success"), attempt("failed")),
    ),
    "paid after the time": (
        trying_when_the_time_ended, (ends(0, "success"), attempt("success"), attempt("dropped")),
    ),
    "paid after the order was closed": (
        trying_when_it_was_given_back, (ends(0, "success"), attempt("success")),
    ),
    "another amount": (held, (attempt("failed"), another_amount(), attempt("dropped"))),
    "refunded": (declined, (refunds(RefundStatus.SUCCEEDED), attempt("success"))),
    "refund refused": (declined, (refunds(RefundStatus.FAILED), attempt("success"))),
    "questioned and won": (
        paid, (questioned(), decided(0, Status.REVIEW), decided(0, Status.WON)),
    ),
    "paid, questioned and lost at once": (
        held, (attempt("failed"), attempt("success"), questioned(), decided(0, Status.LOST)),
    ),
    "two instances": (
        released,
        (questioned(), decided(0, Status.WON), decided(0, Status.OPEN), decided(0, Status.REVIEW),
         decided(0, Status.LOST), attempt("success")),
    ),
    "two parts": (
        released,
        (questioned(2), questioned(3), decided(0, Status.WON), decided(1, Status.LOST),
         questioned(4), decided(2, Status.REVIEW)),
    ),
    "lost and won back": (
        released, (questioned(), decided(0, Status.LOST), decided(0, Status.OPEN),
                   decided(0, Status.WON)),
    ),
    "a part refunded, and all questioned": (
        partly_refunded,
        (questioned(), refunds(RefundStatus.SUCCEEDED), decided(0, Status.REVIEW),
         decided(0, Status.LOST)),
    ),
    "transferred": (withdrawn, (transfer(T.ON_THE_WAY), transfer(T.SUCCEEDED))),
    "transferred and back": (
        withdrawn, (transfer(T.ON_THE_WAY), transfer(T.SUCCEEDED), transfer(T.REVERSED)),
    ),
    "transfer failed": (withdrawn, (transfer(T.ON_THE_WAY), transfer(T.FAILED))),
    "questioned while it was withdrawn": (
        withdrawn,
        (transfer(T.ON_THE_WAY), questioned(), transfer(T.SUCCEEDED), decided(0, Status.LOST),
         transfer(T.REVERSED)),
    ),
    "won after it was withdrawn": (
        withdrawn,
        (questioned(), transfer(T.SUCCEEDED), decided(0, Status.REVIEW), decided(0, Status.WON)),
    ),
}  # fmt: skip


async def deliver(scene: Scene, events: Sequence[Event], order: Sequence[int], turn: int) -> None:
    """Deliver the webhooks in this order, some twice; relays run between them in every other
    turn."""
    happened = 0
    for place, number in enumerate(order):
        while happened <= number:
            await events[happened][1](scene)
            happened += 1
        for _ in range(1 + (place + turn) % 2):
            await scene.hear(events[number][0], f"{number}")
        if turn % 2:
            await scene.app.run()


async def end_of(begins: Begins, events: Sequence[Event], order: Sequence[int], turn: int) -> Any:
    """Where all money is in the end."""
    scene = await begins()
    app = scene.app
    await deliver(scene, events, order, turn)
    await app.run()
    await app.pass_time(2 * HOUR)  # a refused refund is requested again
    scene.bank.finish_refunds()
    await app.pass_time(3 * HOUR)
    payment = await app.payment(scene.booking)
    if payment.mismatch:
        suspended = (await app.balances()).get(f"suspense:{payment.id}", 0)
        app.quarantined = 12_300 - suspended
    await app.assert_ledger_balances()
    withdrawals, _ = await app.services.withdrawals.page(by=scene.account.id)
    made = {each.id: each.status for each in withdrawals}
    asked = [
        (c.reference, c.status, c.reserve, c.booked_out)
        for c in await chargebacks_of(app, scene.booking)
    ]
    theirs = await scene.bank.fetch_chargebacks(payment.order_id)
    assert [(each[0], each[1]) for each in asked] == [(f.reference, f.status) for f in theirs]
    booking = await app.booking(scene.booking.id)
    return (
        await app.balances(), payment.status, payment.charged_back, payment.contested,
        booking.status, made, asked,
    )  # fmt: skip


def some(count: int, *, seed: str) -> list[tuple[int, ...]]:
    """A sample of all orders of `count` events; the order of the provider is one of them."""
    every = list(islice(permutations(range(count)), 1_000))
    chosen = Random(seed).sample(every, min(QUICK, len(every)))
    return [every[0], *chosen]


@pytest.mark.parametrize("name", SCENARIOS)
async def test_some_orders_end_the_same(name: str) -> None:
    begins, events = SCENARIOS[name]
    orders = some(len(events), seed=name)
    ended = [await end_of(begins, events, order, turn) for turn, order in enumerate(orders)]
    for order, end in zip(orders, ended, strict=True):
        assert end == ended[0], (name, order)


@pytest.mark.long
@pytest.mark.parametrize("name", SCENARIOS)
async def test_all_orders_end_the_same(name: str) -> None:
    begins, events = SCENARIOS[name]
    wanted = await end_of(begins, events, range(len(events)), 0)
    for order in permutations(range(len(events))):
        for turn in (0, 1):
            assert await end_of(begins, events, order, turn) == wanted, (name, order, turn)
