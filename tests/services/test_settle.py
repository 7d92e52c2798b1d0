"""News of money in every order, number and state of forgery: one settle, one truth."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest

from core.bookings import Booking, Status
from core.money import Money
from core.payments import RefundStatus
from core.payments import Status as PaymentStatus
from ports.payments import ForgedNotice, GatewayUnavailable
from tests.house import MemoryHouse

HEADERS = {"x-signature": "memory"}


async def notice(house: MemoryHouse, booking: Booking, name: str = "n1") -> None:
    body = json.dumps({"id": name, "order_id": await house.order_of(booking)}).encode()
    await house.services.payments.receive("memory", HEADERS, body)


async def a_hold(house: MemoryHouse) -> Booking:
    meera, _ = await house.client()
    return await house.hold(meera, await house.developer())


async def test_the_webhook_before_the_redirect(house: MemoryHouse) -> None:
    booking = await a_hold(house)
    await house.pay(booking)
    await notice(house, booking)
    await house.run()
    await house.settle(booking)
    assert (await house.booking(booking.id)).status is Status.REQUESTED
    assert (await house.balances())[f"escrow:{booking.id}"] == 480_000


async def test_the_redirect_before_the_webhook(house: MemoryHouse) -> None:
    booking = await a_hold(house)
    await house.pay(booking)
    await house.settle(booking)
    await notice(house, booking)
    await house.run()
    assert (await house.balances())[f"escrow:{booking.id}"] == 480_000


async def test_no_webhook_at_all_the_poll_finds_the_money(house: MemoryHouse) -> None:
    booking = await a_hold(house)
    await house.pay(booking)
    await house.pass_time(timedelta(minutes=1))
    assert (await house.booking(booking.id)).status is Status.REQUESTED


async def test_five_webhooks_in_parallel_pay_once(house: MemoryHouse) -> None:
    booking = await a_hold(house)
    await house.pay(booking)
    await asyncio.gather(*(notice(house, booking, f"n{n}") for n in range(5)))
    await asyncio.gather(*(house.settle(booking) for _ in range(5)), house.run())
    assert (await house.balances())[f"escrow:{booking.id}"] == 480_000
    entries = await house.store.books.timeline.of_booking(booking.id)
    assert [entry.what for entry in entries] == ["held", "paid"]


async def test_the_same_webhook_twice_is_one_fact(house: MemoryHouse) -> None:
    booking = await a_hold(house)
    await notice(house, booking)
    await notice(house, booking)
    effects = await house.store.books.effects.in_state("ready", limit=100)
    assert sum(effect.kind == "payments.heard" for effect in effects) == 1


async def test_a_forged_webhook_changes_nothing(house: MemoryHouse) -> None:
    booking = await a_hold(house)
    body = json.dumps({"id": "x", "order_id": await house.order_of(booking)}).encode()
    with pytest.raises(ForgedNotice):
        await house.services.payments.receive("memory", {"x-signature": "forged"}, body)
    await house.run()
    assert (await house.booking(booking.id)).status is Status.HELD


async def test_success_after_the_hold_ended_takes_the_free_hour_again(house: MemoryHouse) -> None:
    booking = await a_hold(house)
    await house.pass_time(timedelta(minutes=19))
    assert (await house.booking(booking.id)).status is Status.EXPIRED
    house.gateway.pay(await house.order_of(booking))
    await notice(house, booking)
    await house.run()
    assert (await house.booking(booking.id)).status is Status.REQUESTED
    assert (await house.payment(booking)).status is PaymentStatus.PAID


async def test_success_after_the_hour_was_taken_goes_back_in_full(house: MemoryHouse) -> None:
    meera, _ = await house.client()
    rohan, _ = await house.client("Rohan Deshpande")
    lucia = await house.developer()
    booking = await house.hold(meera, lucia)
    await house.pass_time(timedelta(minutes=19))
    other = await house.services.bookings.hold(
        by=rohan.id, developer_id=lucia.id, start=booking.start, hours=1, brief="Mine now"
    )
    house.gateway.pay(await house.order_of(booking))
    await notice(house, booking)
    await house.run()
    assert (await house.booking(booking.id)).status is Status.EXPIRED
    assert (await house.booking(other.id)).status is Status.HELD
    assert (await house.payment(booking)).status is PaymentStatus.REFUNDED
    assert await house.balances() == {}


async def test_a_second_success_is_booked_apart_and_returned(house: MemoryHouse) -> None:
    booking = await a_hold(house)
    await house.pay(booking)
    await house.pay(booking)
    await notice(house, booking)
    await house.run()
    assert (await house.booking(booking.id)).status is Status.REQUESTED
    assert await house.balances() == {
        "gateway:memory": -480_000,
        f"escrow:{booking.id}": 480_000,
    }


async def test_another_amount_is_not_accepted_and_reported(house: MemoryHouse) -> None:
    booking = await a_hold(house)
    house.gateway.pay(await house.order_of(booking), amount=Money(100))
    await house.settle(booking)
    assert (await house.booking(booking.id)).status is Status.HELD
    assert (await house.payment(booking)).mismatch
    assert [f.kind for f in await house.store.books.findings.open()] == ["amount_mismatch"]
    assert await house.balances() == {
        "gateway:memory": -100,
        f"suspense:{booking.payment_id}": 100,
    }


async def test_a_failed_attempt_leaves_the_hold_and_another_may_succeed(house: MemoryHouse) -> None:
    booking = await a_hold(house)
    await house.pay(booking, "failed")
    assert (await house.settle(booking)).status is PaymentStatus.PENDING
    await house.pay(booking)
    assert (await house.settle(booking)).status is PaymentStatus.PAID


async def test_an_attempt_under_way_keeps_the_hour_a_while(house: MemoryHouse) -> None:
    booking = await a_hold(house)
    await house.pay(booking, "pending")
    await house.pass_time(timedelta(minutes=19))
    assert (await house.booking(booking.id)).status is Status.HELD
    await house.pass_time(timedelta(minutes=21))
    assert (await house.booking(booking.id)).status is Status.EXPIRED


async def test_a_gateway_that_is_away_costs_nothing(house: MemoryHouse) -> None:
    meera, _ = await house.client()
    lucia = await house.developer()
    house.gateway.down = True
    booking = await house.hold(meera, lucia)
    assert (await house.payment(booking)).checkout_url is None
    with pytest.raises(GatewayUnavailable):
        await house.services.bookings.checkout(booking.id, by=meera.id)
    house.gateway.down = False
    await house.pass_time(timedelta(minutes=5))
    payment = await house.payment(booking)
    assert payment.checkout_url
    assert payment.order_expires_at - house.clock.now() > timedelta(minutes=15)


async def test_a_refund_the_gateway_refuses_is_asked_again_under_a_new_id(
    house: MemoryHouse,
) -> None:
    meera, _ = await house.client()
    lucia = await house.developer()
    booking = await house.paid(meera, lucia)
    house.gateway.refunds_succeed_at_once = False
    await house.services.answers.decline(booking.id, by=lucia.account_id, reason="Ill")
    await house.run()
    house.gateway.finish_refunds(RefundStatus.FAILED)
    house.gateway.refunds_succeed_at_once = True
    await house.pass_time(timedelta(minutes=1))
    await house.pass_time(timedelta(hours=1))
    payment = await house.payment(booking)
    assert payment.status is PaymentStatus.REFUNDED
    assert [refund.status for refund in payment.refunds] == ["failed", "succeeded"]
    assert await house.balances() == {}


async def test_the_answer_of_a_lost_call_is_found_again(house: MemoryHouse) -> None:
    meera, _ = await house.client()
    lucia = await house.developer()
    house.gateway.fail_after_commit = True
    booking = await house.hold(meera, lucia)
    house.gateway.fail_after_commit = False
    _, payment = await house.services.bookings.checkout(booking.id, by=meera.id)
    assert payment.checkout_url
