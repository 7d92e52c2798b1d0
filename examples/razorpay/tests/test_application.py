"""The adapter in the whole application: what is paid, refunded and paid twice is the same in
OneHour's ledger and at Razorpay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from onehour_razorpay import Razorpay
from world import World

from onehour.api import Account, Booking, BookingStatus, Developer, OrderId
from onehour.testing.plugins import MemoryApp, application, enabled

MINUTES = timedelta(minutes=1)
PRICE = 480_000


@dataclass
class Shop:
    """A client has a booking, and is on Razorpay's page."""

    world: World
    app: MemoryApp
    client: Account
    developer: Developer
    booking: Booking
    order_id: OrderId

    @classmethod
    async def open(cls, world: World) -> Shop:
        gateways = {"razorpay": world.gateway}
        app = application(enabled(Razorpay, "razorpay"), clock=world.clock, gateways=gateways)
        (client, _), developer = await app.client(), await app.developer()
        booking = await app.hold(client, developer)
        order_id = OrderId(await app.order_of(booking))
        return cls(world, app, client, developer, booking, order_id)

    async def hear(self) -> None:
        """All webhooks of Razorpay arrive, and everything that follows from them is done."""
        await self.world.webhooks()
        for sent in self.world.sent:
            payments = self.app.services.payments
            await payments.receive_webhook("razorpay", dict(sent.headers), sent.content)
        await self.app.run()

    async def status(self) -> BookingStatus:
        return (await self.app.booking(self.booking.id)).status

    async def payment_status(self) -> str:
        return str((await self.app.payment(self.booking)).status)

    async def ledger(self) -> dict[str, int]:
        """Its accounts; that of Razorpay has what Razorpay has."""
        balances = await self.app.balances()
        assert sum(balances.values()) == 0
        payments, refunds = self.world.provider.payments(), self.world.provider.refunds()
        taken = [each for each in payments if each["captured"] or each["status"] == "refunded"]
        returned = [each for each in refunds if each["status"] == "processed"]
        held = sum(each["amount"] for each in taken) - sum(each["amount"] for each in returned)
        assert -balances.pop("gateway:razorpay", 0) == held
        return balances


@pytest.fixture
async def shop(world: World) -> Shop:
    return await Shop.open(world)


async def test_a_payment_becomes_earnings(shop: Shop) -> None:
    await shop.world.pay(shop.order_id)
    await shop.hear()
    app, developer = shop.app, shop.developer
    await app.services.answers.accept(shop.booking.id, by=developer.account_id)
    job = await app.job(shop.booking)
    await app.services.jobs.deliver(job.id, by=developer.account_id, note="Done.")
    await app.services.jobs.approve(job.id, by=shop.client.id)
    await app.run()

    assert await shop.payment_status() == "received"
    assert sum((await shop.ledger()).values()) == PRICE
    assert (await shop.app.payment(shop.booking)).provider == "razorpay"


async def test_a_webhook_that_comes_twice_pays_once(shop: Shop) -> None:
    await shop.world.pay(shop.order_id)
    await shop.hear()
    for sent in shop.world.sent * 2:
        payments = shop.app.services.payments
        await payments.receive_webhook("razorpay", dict(sent.headers), sent.content)
    await shop.app.run()

    assert await shop.status() is BookingStatus.REQUESTED
    assert await shop.ledger() == {f"escrow:{shop.booking.id}": PRICE}


async def test_without_webhooks_the_payment_is_asked_for(shop: Shop) -> None:
    await shop.world.pay(shop.order_id)

    await shop.app.pass_time(MINUTES)

    assert await shop.status() is BookingStatus.REQUESTED


async def test_a_cancelled_booking_is_refunded_when_razorpay_says_so(shop: Shop) -> None:
    await shop.world.pay(shop.order_id)
    await shop.hear()

    await shop.app.services.answers.cancel(shop.booking.id, by=shop.client.id)
    await shop.app.run()
    before = await shop.payment_status()
    await shop.world.finish_refunds()
    await shop.hear()

    assert (before, await shop.payment_status()) == ("refunding", "refunded")
    assert await shop.ledger() == {}


async def test_who_pays_twice_gets_one_payment_back(shop: Shop) -> None:
    first, second = [await shop.world.pay(shop.order_id, "pending") for _ in range(2)]
    await shop.world.settle(second, "success")
    await shop.world.settle(first, "success")
    await shop.hear()

    payment = await shop.app.payment(shop.booking)
    entries = await shop.app.store.repositories.timeline.of_booking(shop.booking.id)
    assert payment.captured == second
    assert [str(each.what) for each in entries] == ["held", "paid", "paid_twice"]
    assert await shop.ledger() == {f"escrow:{shop.booking.id}": PRICE}


async def test_what_razorpay_never_captured_pays_nothing(shop: Shop) -> None:
    """Authorised too late, and returned by Razorpay itself."""
    payment_id = await shop.world.pay(shop.order_id, "pending")
    shop.world.provider.return_uncaptured(payment_id)
    await shop.hear()
    await shop.app.pass_time(20 * MINUTES)

    assert await shop.status() is BookingStatus.EXPIRED
    assert await shop.payment_status() == "expired"
    assert await shop.ledger() == {}


async def test_money_for_a_time_that_was_taken_goes_back(shop: Shop) -> None:
    await shop.app.pass_time(20 * MINUTES)
    rohan, _ = await shop.app.client("Rohan")
    starts_in = shop.booking.start - shop.app.clock.now()
    await shop.app.hold(rohan, shop.developer, starts_in=starts_in)

    await shop.world.pay(shop.order_id)
    await shop.hear()
    await shop.world.finish_refunds()
    await shop.hear()

    assert await shop.payment_status() == "refunded"
    assert await shop.ledger() == {}


async def test_after_a_lost_answer_the_client_pays_on_the_same_page(world: World) -> None:
    async with world.losing_an_answer():
        shop = await Shop.open(world)
    assert (await shop.app.payment(shop.booking)).checkout_url is None

    await shop.app.pass_time(MINUTES)

    payment = await shop.app.payment(shop.booking)
    (link,) = world.provider.links(shop.order_id)
    assert payment.checkout_url == link["short_url"]
