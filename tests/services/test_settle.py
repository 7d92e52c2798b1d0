"""Facts about payments in every order and number, and forged ones: one result."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest

from adapters.memory.payments import signed
from core.bookings import Booking, Status
from core.findings import FindingKind
from core.money import Money
from core.payments import PaymentId
from core.payments import Status as PaymentStatus
from core.payments_facts import RefundFact, RefundStatus
from core.transactions import Kind
from ports.payments import ForgedWebhook, GatewayUnavailable, RefundOrder
from tests.app import MemoryApp


async def notice(app: MemoryApp, booking: Booking, name: str = "n1") -> None:
    body = json.dumps({"id": name, "order_id": await app.order_of(booking)}).encode()
    await app.services.payments.receive_webhook("memory", signed(body), body)


async def a_hold(app: MemoryApp) -> Booking:
    meera, _ = await app.client()
    return await app.hold(meera, await app.developer())


async def test_the_webhook_before_the_redirect(app: MemoryApp) -> None:
    booking = await a_hold(app)
    await app.pay(booking)
    await notice(app, booking)
    await app.run()
    await app.settle(booking)
    assert (await app.booking(booking.id)).status is Status.REQUESTED
    assert (await app.balances())[f"escrow:{booking.id}"] == 480_000


async def test_the_redirect_before_the_webhook(app: MemoryApp) -> None:
    booking = await a_hold(app)
    await app.pay(booking)
    await app.settle(booking)
    await notice(app, booking)
    await app.run()
    assert (await app.balances())[f"escrow:{booking.id}"] == 480_000


async def test_no_webhook_at_all_the_poll_finds_the_money(app: MemoryApp) -> None:
    booking = await a_hold(app)
    await app.pay(booking)
    await app.pass_time(timedelta(minutes=1))
    assert (await app.booking(booking.id)).status is Status.REQUESTED


async def test_five_webhooks_in_parallel_pay_once(app: MemoryApp) -> None:
    booking = await a_hold(app)
    await app.pay(booking)
    await asyncio.gather(*(notice(app, booking, f"n{n}") for n in range(5)))
    await asyncio.gather(*(app.settle(booking) for _ in range(5)), app.run())
    assert (await app.balances())[f"escrow:{booking.id}"] == 480_000
    entries = await app.store.repositories.timeline.of_booking(booking.id)
    assert [entry.what for entry in entries] == ["held", "paid"]


async def test_the_same_webhook_twice_is_one_fact(app: MemoryApp) -> None:
    booking = await a_hold(app)
    await notice(app, booking)
    await notice(app, booking)
    messages = await app.store.repositories.outbox.in_state("ready", limit=100)
    assert sum(message.kind == "payments.heard" for message in messages) == 1


async def test_a_forged_webhook_changes_nothing(app: MemoryApp) -> None:
    booking = await a_hold(app)
    body = json.dumps({"id": "x", "order_id": await app.order_of(booking)}).encode()
    with pytest.raises(ForgedWebhook):
        await app.services.payments.receive_webhook("memory", {"x-signature": "forged"}, body)
    await app.run()
    assert (await app.booking(booking.id)).status is Status.HELD


async def test_success_after_the_hold_ended_takes_the_free_hour_again(app: MemoryApp) -> None:
    booking = await a_hold(app)
    await app.pass_time(timedelta(minutes=19))
    assert (await app.booking(booking.id)).status is Status.EXPIRED
    app.gateway.pay(await app.order_of(booking))
    await notice(app, booking)
    await app.run()
    assert (await app.booking(booking.id)).status is Status.REQUESTED
    assert (await app.payment(booking)).status is PaymentStatus.PAID


async def test_success_after_the_hour_was_taken_is_refunded_in_full(app: MemoryApp) -> None:
    meera, _ = await app.client()
    rohan, _ = await app.client("Rohan Deshpande")
    lucia = await app.developer()
    booking = await app.hold(meera, lucia)
    await app.pass_time(timedelta(minutes=19))
    other = (
        await app.services.bookings.hold(
            by=rohan.id, developer_id=lucia.id, start=booking.start, hours=1, brief="Mine now"
        )
    ).booking
    app.gateway.pay(await app.order_of(booking))
    await notice(app, booking)
    await app.run()
    assert (await app.booking(booking.id)).status is Status.EXPIRED
    assert (await app.booking(other.id)).status is Status.HELD
    assert (await app.payment(booking)).status is PaymentStatus.REFUNDED
    assert await app.balances() == {}


async def test_a_second_success_is_booked_apart_and_returned(app: MemoryApp) -> None:
    booking = await a_hold(app)
    await app.pay(booking)
    await app.pay(booking)
    await notice(app, booking)
    await app.run()
    assert (await app.booking(booking.id)).status is Status.REQUESTED
    assert await app.balances() == {
        "gateway:memory": -480_000,
        f"escrow:{booking.id}": 480_000,
    }


async def test_a_surcharge_is_the_providers_also_of_a_second_payment(app: MemoryApp) -> None:
    booking = await a_hold(app)
    order = await app.order_of(booking)
    for _ in range(2):
        app.gateway.pay(order, surcharge=Money(11_328))

    await app.settle(booking)
    await app.assert_ledger_balances()

    entries = await app.store.repositories.transactions.of_booking(booking.id)
    into = [each.lines[1].amount for each in entries if each.kind in (Kind.PAY, Kind.EXTRA)]
    assert into == [booking.price] * 2
    assert await app.balances() == {"gateway:memory": -480_000, f"escrow:{booking.id}": 480_000}
    pages = await app.services.reconciliation.run()
    assert [finding for page in pages for finding in page.open] == []


async def test_another_amount_is_not_accepted_and_reported(app: MemoryApp) -> None:
    booking = await a_hold(app)
    app.gateway.pay(await app.order_of(booking), amount=Money(100))
    await app.settle(booking)
    assert (await app.booking(booking.id)).status is Status.HELD
    assert (await app.payment(booking)).mismatch
    assert [f.kind for f in await app.store.repositories.findings.open()] == ["amount_mismatch"]
    assert await app.balances() == {
        "gateway:memory": -100,
        f"suspense:{booking.payment_id}": 100,
    }


async def test_a_failed_attempt_leaves_the_hold_and_another_may_succeed(app: MemoryApp) -> None:
    booking = await a_hold(app)
    await app.pay(booking, "failed")
    assert (await app.settle(booking)).status is PaymentStatus.PENDING
    await app.pay(booking)
    assert (await app.settle(booking)).status is PaymentStatus.PAID


async def test_an_attempt_under_way_keeps_the_hour_a_while(app: MemoryApp) -> None:
    booking = await a_hold(app)
    await app.pay(booking, "pending")
    await app.pass_time(timedelta(minutes=19))
    assert (await app.booking(booking.id)).status is Status.HELD
    await app.pass_time(timedelta(minutes=21))
    assert (await app.booking(booking.id)).status is Status.EXPIRED


async def test_an_unavailable_gateway_changes_nothing(app: MemoryApp) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    app.gateway.down = True
    booking = await app.hold(meera, lucia)
    assert (await app.payment(booking)).checkout_url is None
    with pytest.raises(GatewayUnavailable):
        await app.services.bookings.checkout(booking.id, by=meera.id)
    app.gateway.down = False
    await app.pass_time(timedelta(minutes=5))
    payment = await app.payment(booking)
    assert payment.checkout_url
    assert payment.order_expires_at - app.clock.now() > timedelta(minutes=15)


async def test_a_refund_the_gateway_refuses_is_asked_again_under_a_new_id(
    app: MemoryApp,
) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    booking = await app.paid(meera, lucia)
    app.gateway.refunds_succeed_at_once = False
    await app.services.answers.decline(booking.id, by=lucia.account_id, reason="Ill")
    await app.run()
    app.gateway.finish_refunds(RefundStatus.FAILED)
    app.gateway.refunds_succeed_at_once = True
    await app.pass_time(timedelta(minutes=1))
    await app.pass_time(timedelta(hours=1))
    payment = await app.payment(booking)
    assert payment.status is PaymentStatus.REFUNDED
    assert [refund.status for refund in payment.refunds] == ["failed", "succeeded"]
    assert await app.balances() == {}


async def test_a_refund_of_another_amount_changes_nothing_and_is_reported(app: MemoryApp) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    booking = await app.paid(meera, lucia)
    app.gateway.refunds_succeed_at_once = False
    await app.services.answers.decline(booking.id, by=lucia.account_id, reason="Ill")
    await app.run()
    refund = (await app.payment(booking)).refunds[0]
    said = RefundFact("r1", refund.id, "a1", Money(100), RefundStatus.SUCCEEDED)

    payment = await app.store.transact(
        lambda repositories: app.services.payments.settlement.apply_refund_fact(
            repositories, PaymentId(booking.payment_id), said
        )
    )

    (finding,) = await app.store.repositories.findings.open()
    assert finding.kind == FindingKind.REFUND_AMOUNT_DIFFERS
    assert payment.status is PaymentStatus.REFUNDING
    assert payment.refunded == Money(0)


async def test_a_refund_that_exists_with_another_amount_is_not_requested_under_another_id(
    app: MemoryApp,
) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    booking = await app.paid(meera, lucia)
    app.gateway.refunds_succeed_at_once = False
    before = await app.payment(booking)
    wanted = before.refund(before.amount, reason="declined", at=app.clock.now()).refunds[0]
    await app.gateway.refund(RefundOrder(wanted.id, before.order_id, Money(100), "by hand"))

    await app.services.answers.decline(booking.id, by=lucia.account_id, reason="Ill")
    await app.run()

    payment = await app.payment(booking)
    assert [refund.id for refund in payment.refunds] == [wanted.id]
    assert payment.status is PaymentStatus.REFUNDING
    (finding,) = await app.store.repositories.findings.open()
    assert finding.kind == FindingKind.REFUND_AMOUNT_DIFFERS


async def test_the_answer_of_a_lost_call_is_found_again(app: MemoryApp) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    app.gateway.fail_after_commit = True
    booking = await app.hold(meera, lucia)
    app.gateway.fail_after_commit = False
    _, payment = await app.services.bookings.checkout(booking.id, by=meera.id)
    assert payment.checkout_url
