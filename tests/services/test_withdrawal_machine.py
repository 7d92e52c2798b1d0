"""Whatever developers, administrators, the provider and the clock do: the books agree with the
provider, and no money is lost, doubled or below zero except what is owed."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from core.accounts import Account
from core.developers import Developer
from core.errors import OneHourError
from core.money import Money
from core.policy import DAY, HOUR, Policies
from core.withdrawals import RESERVED, Status, Withdrawal
from core.withdrawals_facts import TransferStatus
from core.withdrawals_policy import WithdrawalPolicy
from services.withdrawals import WITHDRAWALS
from tests.app import CALLER, MemoryApp, memory_app
from tests.builders.withdrawals import (
    balance,
    give_money,
    rich_developer,
    set_account,
    withdraw,
)

ENDS = (TransferStatus.SUCCEEDED, TransferStatus.FAILED, TransferStatus.REVERSED)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            "ask ask earn take_back cancel hold release refuse bank bank run run time down up "
            "lose find take_account".split()
        ),
        st.integers(0, 11),
    ),
    min_size=5,
    max_size=50,
)


class Machine:
    def __init__(self, app: MemoryApp, account: Account, developer: Developer) -> None:
        self.app, self.account, self.developer = app, account, developer
        self.booking_number = 0

    async def all(self) -> list[Withdrawal]:
        documents = self.app.store.repositories.documents(WITHDRAWALS)
        return sorted([each async for each in documents.each()], key=lambda each: each.id)

    async def step(self, name: str, number: int) -> None:
        app, made = self.app, await self.all()
        chosen = made[number % len(made)] if made else None
        review, caller = app.services.withdrawal_review, CALLER
        match name:
            case "ask":
                await withdraw(app, self.account, 50_000 + 40_000 * number)
            case "earn":
                await give_money(app, self.developer, 30_000 * (number + 1))
            case "take_back":
                await self.take_back(Money(25_000 * (number + 1)))
            case "take_account":
                await set_account(app, self.account, number=f"5010048217{number:04d}")
            case "run":
                await app.run()
            case "time":
                await app.pass_time((HOUR, DAY, 3 * DAY)[number % 3])
            case "down" | "up":
                app.payouts.down = name == "down"
            case "lose" | "find":
                app.payouts.fail_after_commit = name == "lose"
            case "bank":
                self.bank(number)
            case "cancel" if chosen:
                await app.services.withdrawals.cancel(chosen.id, by=self.account, caller=caller)
            case "hold" if chosen:
                await review.hold(chosen.id, by=self.account, caller=caller, reason="Why?")
            case "release" if chosen:
                await review.release(chosen.id, by=self.account, caller=caller)
            case "refuse" if chosen:
                await review.refuse(chosen.id, by=self.account, caller=caller, reason="No.")

    async def take_back(self, amount: Money) -> None:
        booking = await self.app.booking("bkg_of_the_machine")
        self.booking_number += 1
        fact = f"chargeback:{self.booking_number}"
        await self.app.store.transact(
            lambda repositories: self.app.services.earnings.take_back(
                repositories, booking, amount, to="escrow:given", fact=fact
            )
        )

    def bank(self, number: int) -> None:
        """The bank decides; a success may come back, other ends are final."""
        transfers = self.app.payouts.transfers
        if not transfers:
            return
        chosen = sorted(transfers)[number % len(transfers)]
        now, end = transfers[chosen].status, ENDS[number % 3]
        if now is TransferStatus.PENDING:
            self.app.payouts.settle(chosen, end)
        elif now is TransferStatus.SUCCEEDED:
            self.app.payouts.settle(chosen, TransferStatus.REVERSED)

    async def check(self) -> None:
        app, found = self.app, await balance(self.app, self.developer)
        await app.assert_running_balances()
        assert sum((await app.balances()).values()) == 0
        assert not (found.owed and found.available)
        made = await self.all()
        reserved = sum(each.amount.amount for each in made if each.status in RESERVED)
        assert found.withdrawing.amount == reserved
        arrived = sum(each.amount.amount for each in made if each.status is Status.SUCCEEDED)
        assert (await app.balances()).get("paid_out:memory", 0) == arrived
        assert set(app.payouts.transfers) <= {each.id for each in made if each.sent_at}

    async def finish(self) -> None:
        """With a provider that answers, our books are the provider's in the end."""
        self.app.payouts.down = self.app.payouts.fail_after_commit = False
        for each in await self.all():
            if each.status is Status.HELD:
                await self.app.services.withdrawal_review.release(
                    each.id, by=self.account, caller=CALLER
                )
        await self.app.pass_time(DAY)
        await self.app.pass_time(15 * DAY)
        await self.check()
        ours = {each.id: each.status.value for each in await self.all() if each.sent_at}
        theirs = {key: fact.status.value for key, fact in self.app.payouts.transfers.items()}
        assert {**ours, **{key: "pending" for key, end in ours.items() if end == "sent"}} == theirs
        found = await self.app.store.repositories.findings.open()
        assert {each.kind for each in found} <= {"withdrawal_held_too_long"}


@settings(max_examples=120, deadline=None)
@given(STEPS)
def test_money_is_never_lost_doubled_or_below_zero(steps: list[tuple[str, int]]) -> None:
    asyncio.run(play(steps))


async def play(steps: list[tuple[str, int]]) -> None:
    app = memory_app(policies=Policies(WithdrawalPolicy(withdrawals_per_day=100)))
    account, developer = await rich_developer(app, 400_000)
    client, _ = await app.client()
    booking = await app.confirmed(client, developer, starts_in=5 * HOUR)
    machine = Machine(app, account, developer)
    machine.app.booking = lambda _: app.store.repositories.bookings.get(booking.id)  # type: ignore[method-assign,assignment]
    for name, number in steps:
        with suppress(OneHourError):
            await machine.step(name, number)
        await machine.check()
    await machine.finish()
