"""Whatever the bank, the two sides and the clock do: no money of a questioned payment is lost,
doubled or unexplained."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from core.bookings import Booking
from core.chargebacks import UNDECIDED, Status
from core.developers import Developer
from core.errors import OneHourError
from core.money import Money
from core.payments import PaymentId
from core.policy import DAY, HOUR, Policies
from core.transactions import FEES, TRANSFER_COSTS
from core.withdrawals_policy import WithdrawalPolicy
from tests.app import MemoryApp, memory_app
from tests.builders.chargebacks import chargebacks_of, hear
from tests.builders.withdrawals import balance, rich_developer, withdraw

NEGATIVE = {"chargeback_losses", "chargeback_costs", TRANSFER_COSTS}
"""Accounts that may be below zero, beside those outside and `owed`."""
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            "question question decide decide decide hear run time approve cancel decline deliver "
            "withdraw down up unknown amount".split()
        ),
        st.integers(0, 11),
    ),
    min_size=4,
    max_size=24,
)


class Machine:
    """One booking that begins paid, accepted, delivered or approved."""

    def __init__(self, app: MemoryApp, developer: Developer, booking: Booking, client: str) -> None:
        self.app, self.developer, self.booking, self.client = app, developer, booking, client
        self.references: list[str] = []

    async def step(self, name: str, number: int) -> None:
        app, booking, gateway = self.app, self.booking, self.app.gateway
        chosen = self.references[number % len(self.references)] if self.references else ""
        match name:
            case "question" if len(self.references) < 3:
                amount = Money(
                    booking.price.amount * (1, 1, 2, 3)[number % 4] // (1, 2)[number % 2]
                )
                fee = Money(50_000) if number > 6 else None
                order = await app.order_of(booking)
                self.references.append(gateway.question(order, amount, fee=fee))
            case "decide" if chosen:
                gateway.decide(chosen, tuple(Status)[number % 4])
            case "unknown" if chosen:
                gateway.decide(chosen, None, said="CHARGEBACK_ON_THE_MOON")
            case "amount" if chosen:
                gateway.decide(chosen, Status.OPEN, amount=Money(10_000 * (number + 1)))
            case "hear":
                await app.services.chargebacks.refresh(PaymentId(booking.payment_id))
            case "run":
                await app.run()
            case "time":
                await app.pass_time((HOUR, DAY, 8 * DAY)[number % 3])
            case "approve" if booking.job_id:
                job = await app.job(booking)
                await app.services.jobs.approve(job.id, by=self.client)
            case "deliver":
                job = await app.job(booking)
                by = self.developer.account_id
                await app.services.jobs.deliver(job.id, by=by, note="Here it is.")
            case "cancel":
                await app.services.answers.cancel(booking.id, by=self.client)
            case "decline":
                await app.services.answers.decline(booking.id, by=self.developer.account_id)
            case "withdraw":
                account = await app.store.repositories.accounts.get(self.developer.account_id)  # type: ignore[arg-type]
                await withdraw(app, account, 50_000 + 10_000 * number)
            case "down" | "up":
                gateway.down = name == "down"

    async def check(self) -> None:
        app, held = self.app, await self.app.balances()
        await app.assert_running_balances()
        assert sum(held.values()) == 0, held
        for account, amount in held.items():
            outside = account.startswith(("gateway:", "paid_out:", "owed:", "escrow:given"))
            assert amount > 0 or outside or account in NEGATIVE, held
        found = await balance(app, self.developer)
        assert not (found.owed and found.available)
        await self.check_shares(held)

    async def check_shares(self, held: dict[str, int]) -> None:
        """paid = released + refunded + held + reserve + fee, of what is of this payment."""
        app, payment = self.app, await self.app.payment(self.booking)
        if not payment.captured:
            return
        ledger = await app.store.repositories.transactions.of_booking(self.booking.id)
        parts: dict[str, int] = {}
        for entry in ledger:
            for line in entry.lines:
                kind = line.account.partition(":")[0]
                parts[kind] = parts.get(kind, 0) + line.amount.amount
        ours = {"clearing", "developer", "owed"}
        released = sum(parts.get(kind, 0) for kind in ours)
        rest = parts.get("escrow", 0) + parts.get("suspense", 0) + parts.get("chargeback", 0)
        outside, lost = -parts.get("gateway", 0), parts.get("chargeback_losses", 0)
        costs = parts.get("chargeback_costs", 0)
        assert outside == released + rest + parts.get(FEES, 0) + lost + costs
        assert rest >= 0 and parts.get(FEES, 0) >= 0 and released >= 0, parts
        assert lost <= 0 and costs <= 0

    async def finish(self) -> None:
        """With a provider that answers, our books are the provider's in the end."""
        app, gateway = self.app, self.app.gateway
        gateway.down = False
        for reference in self.references:
            gateway.decide(reference, Status.WON)  # of every status, also of an unknown one
        await hear(app, self.booking)
        for number, reference in enumerate(self.references):
            gateway.decide(reference, tuple(Status)[number % 4])
        await hear(app, self.booking)
        await app.pass_time(DAY)
        await app.assert_ledger_balances()
        await self.check()
        ours = {each.reference: each for each in await chargebacks_of(app, self.booking)}
        theirs = await gateway.fetch_chargebacks((await app.payment(self.booking)).order_id)
        assert {key: each.status for key, each in ours.items()} == {
            fact.reference: fact.status for fact in theirs
        }
        for each in ours.values():
            assert bool(each.reserve) == (each.status is not Status.WON)
            assert each.booked_out == (each.status is Status.LOST)
        open_ones = {each.id for each in ours.values() if each.status in UNDECIDED}
        assert set((await app.payment(self.booking)).contested) == open_ones


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(["paid", "confirmed", "delivered", "approved", "ready"]), STEPS)
def test_no_money_of_a_questioned_payment_is_lost_or_doubled(
    begins: str, steps: list[tuple[str, int]]
) -> None:
    asyncio.run(play(begins, steps))


async def play(begins: str, steps: list[tuple[str, int]]) -> None:
    app = memory_app(policies=Policies(WithdrawalPolicy(withdrawals_per_day=100)))
    account, developer = await rich_developer(app, 60_000)
    client, _ = await app.client()
    if begins == "paid":
        booking = await app.paid(client, developer, starts_in=30 * HOUR)
    elif begins == "confirmed":
        booking = await app.confirmed(client, developer, starts_in=30 * HOUR)
    else:
        job = await app.delivered(client, developer, starts_in=30 * HOUR)
        booking = await app.booking(job.booking_id)
        if begins != "delivered":
            await app.services.jobs.approve(job.id, by=client.id)
        if begins == "ready":
            await app.pass_time(8 * DAY)
            await withdraw(app, account, 50_000)
    machine = Machine(app, developer, booking, client.id)
    for name, number in steps:
        with suppress(OneHourError):
            await machine.step(name, number)
        await machine.check()
    await machine.finish()
