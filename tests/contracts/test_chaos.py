"""With a provider that loses, doubles, delays, cuts and slows what it sends, by a seed: jobs, a
refund, a chargeback and a withdrawal end with our books as the provider's."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.cashfree.gateway import CashfreeGateway
from adapters.cashfree.payout_settings import CashfreePayoutSettings
from adapters.cashfree.payouts import CashfreePayouts
from adapters.cashfree.settings import CashfreeSettings
from adapters.cashfree.simulator import Simulator, SimulatorSettings
from adapters.cashfree.simulator.chaos import ANSWERS, DELIVERIES, Chaos
from adapters.memory.clock import FixedClock
from core.accounts import Account, AccountId
from core.bookings import Booking
from core.developers import Developer
from core.errors import OneHourError
from core.findings import FindingKind
from core.payments import Status
from core.policy import DAY, HOUR, MINUTE
from core.withdrawals import Status as WithdrawalStatus
from tests.app import CALLER, MemoryApp, memory_app
from tests.builders.withdrawals import set_account, withdraw
from tests.contracts.served_simulator import CLIENT_ID, CLIENT_SECRET

URL, SITE = "http://simulator.test", "https://onehour.example/webhooks"
GOOD_ACCOUNT, GOOD_IFSC = "026291800001191", "YESB0000262"
SEEDS = (1, 2)


LAG = 5 * MINUTE
"""How far the simulator's clock, which also runs by itself, is behind at first: what is slow here
must not make our orders too short for it."""


def _next_quarter() -> datetime:
    """Bookings begin at a quarter of an hour."""
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    return now + timedelta(minutes=15 - now.minute % 15)


@dataclass
class World:
    app: MemoryApp
    calls: httpx.AsyncClient
    client: Account
    developer: Developer
    account: Account

    async def control(self, action: str, **said: object) -> Any:
        answer = await self.calls.post(f"{URL}/control/{action}", json=said)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def books(self) -> Any:
        return (await self.calls.get(f"{URL}/control/books")).json()

    async def pass_time(self, by: timedelta, *, turns: int = 1) -> None:
        """On both sides, in steps, with all relays and the provider's own work."""
        for _ in range(turns):
            await self.app.pass_time(by)
            await self.control("clock", advance_s=by.total_seconds())
            await self.app.run()

    async def paid(self, starts_in: timedelta) -> Booking:
        starts_in += timedelta(minutes=-self.app.clock.now().minute % 15)
        booking = await self.app.hold(self.client, self.developer, starts_in=starts_in)
        for _ in range(12):
            if (await self.app.payment(booking)).checkout_url:
                break
            await self.pass_time(MINUTE)
        await self.control("pay", order_id=await self.app.order_of(booking))
        await self.pass_time(MINUTE, turns=12)
        return await self.app.booking(booking.id)

    async def approved(self, starts_in: timedelta) -> Booking:
        booking = await self.paid(starts_in)
        by = self.developer.account_id
        await self.app.services.answers.accept(booking.id, by=by)
        job = await self.app.job(booking)
        await self.app.services.jobs.deliver(job.id, by=by, note="Done.")
        await self.app.services.jobs.approve(job.id, by=self.client.id)
        return booking


@asynccontextmanager
async def a_world(
    folder: Path, seed: int | None, *, disable_after: int | None = None
) -> AsyncIterator[World]:
    """With `disable_after` none of our addresses takes a webhook."""
    apps: list[MemoryApp] = []

    async def take(request: httpx.Request) -> httpx.Response:
        if disable_after is not None:
            return httpx.Response(500)
        services, headers = apps[0].services, dict(request.headers)
        try:
            if request.url.path.endswith("payouts"):
                hear = services.withdrawal_sending.receive_webhook
            else:
                hear = services.payments.receive_webhook
            await hear("cashfree", headers, request.content)
        except OneHourError:
            return httpx.Response(401)
        return httpx.Response(200)

    settings = SimulatorSettings(
        folder / "chaos.db", URL, client_id=CLIENT_ID, client_secret=CLIENT_SECRET,
        notify_url=f"{SITE}/payouts", chaos=seed, disable_after=disable_after,
    )  # fmt: skip
    async with httpx.AsyncClient(transport=httpx.MockTransport(take)) as hooks:
        simulator = Simulator(settings, hooks)
        transport = httpx.ASGITransport(simulator.app)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport) as calls:
            clock = FixedClock(_next_quarter())
            pg = CashfreeSettings(
                f"{URL}/pg", CLIENT_ID, CLIENT_SECRET, f"{SITE}/checkout",
                notify_url=f"{SITE}/payments",
            )  # fmt: skip
            gateway = CashfreeGateway(calls, pg, clock)
            app = memory_app(clock=clock, gateways={"cashfree": gateway})
            out = CashfreePayoutSettings(f"{URL}/payout", CLIENT_ID, CLIENT_SECRET)
            providers = app.services.withdrawal_sending.providers
            payouts = {"cashfree": CashfreePayouts(calls, out, clock)}
            object.__setattr__(providers, "known", payouts)
            object.__setattr__(providers, "chosen", "cashfree")
            apps.append(app)
            client, _ = await app.client()
            developer = await app.developer("Ananya Iyer")
            account = await app.store.repositories.accounts.get(AccountId(developer.account_id))
            world = World(app, calls, client, developer, account)
            behind = clock.now() - datetime.now(UTC) - LAG
            await world.control("clock", advance_s=round(behind.total_seconds() + 900))
            app.clock.advance(timedelta(seconds=900))
            yield world
        await simulator.stop()


@pytest.mark.parametrize("seed", SEEDS)
async def test_our_books_are_the_providers_in_the_end(tmp_path: Path, seed: int) -> None:
    async with a_world(tmp_path, seed) as world:
        await the_story(world)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10, 40))
async def test_our_books_are_the_providers_under_many_seeds(tmp_path: Path, seed: int) -> None:
    async with a_world(tmp_path, seed) as world:
        await the_story(world)


async def test_without_any_webhook_everything_is_found_by_asking(tmp_path: Path) -> None:
    """After two failures the provider sends no more. Payments and transfers are asked about; a lost
    chargeback is found in the settlement that has it."""
    async with a_world(tmp_path, None, disable_after=2) as world:
        app = world.app
        lost, kept = await world.approved(30 * HOUR), await world.approved(40 * HOUR)
        await set_account(app, world.account, number=GOOD_ACCOUNT, ifsc=GOOD_IFSC)
        order = await app.order_of(lost)
        questioned = await world.control("dispute", order_id=order)
        await world.control("decide", dispute_id=questioned["dispute_id"], status="MERCHANT_LOST")
        await world.pass_time(DAY, turns=9)
        await app.services.settlements.start()
        await app.run()

        pages = await app.services.reconciliation.run(names=["settled_lines", "settlements"])
        await app.run()
        asked = await withdraw(app, world.account, kept.earning.amount)
        if asked.status is WithdrawalStatus.HELD:
            admin = await app.admin()
            await app.services.withdrawal_review.release(asked.id, by=admin, caller=CALLER)
        await world.pass_time(HOUR, turns=3)

        assert [(f.kind, f.is_open) for page in pages for f in (*page.open, *page.resolved)] == [
            (FindingKind.SETTLED_NOT_BOOKED, False)
        ]
        books, held = await world.books(), await app.balances()
        assert -held.get("gateway:cashfree", 0) == books["balance"]
        assert books["charged_back"] == lost.price.amount
        (made,), _ = await app.services.withdrawals.page(by=world.account.id)
        assert made.status is WithdrawalStatus.SUCCEEDED


async def the_story(world: World) -> None:
    app = world.app
    lost = await world.approved(30 * HOUR)
    kept = await world.approved(40 * HOUR)
    declined = await world.paid(50 * HOUR)
    by = world.developer.account_id
    await app.services.answers.decline(declined.id, by=by, reason="Ill")
    questioned = await world.control("dispute", order_id=await app.order_of(lost))
    await set_account(app, world.account, number=GOOD_ACCOUNT, ifsc=GOOD_IFSC)
    await world.pass_time(HOUR, turns=4)
    await world.control("decide", dispute_id=questioned["dispute_id"], status="MERCHANT_LOST")
    await world.pass_time(HOUR, turns=4)
    await world.pass_time(DAY, turns=9)
    asked = await withdraw(app, world.account, kept.earning.amount)
    if asked.status is WithdrawalStatus.HELD:  # nobody knows the name at the bank
        admin = await app.admin()
        await app.services.withdrawal_review.release(asked.id, by=admin, caller=CALLER)
    await world.pass_time(MINUTE, turns=5)
    await world.pass_time(HOUR, turns=6)
    await world.pass_time(DAY, turns=3)

    books, held = await world.books(), await app.balances()
    assert -held.get("gateway:cashfree", 0) == books["balance"]
    assert books["charged_back"] == lost.price.amount
    assert books["refunded"] == declined.price.amount
    assert sum(held.values()) == 0
    await app.assert_running_balances()
    states = [(await app.payment(each)).status for each in (lost, kept, declined)]
    assert states == [Status.REFUNDED, Status.RECEIVED, Status.REFUNDED]
    (made,), _ = await app.services.withdrawals.page(by=world.account.id)
    assert made.status is WithdrawalStatus.SUCCEEDED
    paid_out = held.get("paid_out:cashfree", 0) + held.get("transfer_costs", 0)
    assert paid_out == kept.earning.amount


def test_the_same_seed_is_the_same_chaos() -> None:
    def fates(seed: int) -> list[str]:
        chaos = Chaos(seed)
        return [chaos.answer() for _ in range(200)] + [chaos.delivery(n, 0) for n in range(200)]

    assert fates(7) == fates(7) != fates(8)
    assert {*ANSWERS, *DELIVERIES} <= set(fates(7))
    assert set(Counter(fates(None))) == {"whole", "sent"}  # type: ignore[arg-type]
