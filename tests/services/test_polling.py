"""When the provider is asked about a payment without a webhook, and how often."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.bookings import Booking, Status
from core.outbox import message
from core.payments import Payment, PaymentId
from core.payments import Status as PaymentStatus
from core.payments_messages import PollGateway
from core.policy import DAY, HOUR, MINUTE, SECOND
from tests.app import MemoryApp

FIRST_HOUR = [
    10 * SECOND, 30 * SECOND, 60 * SECOND, 3 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR,
]  # fmt: skip


async def a_hold(app: MemoryApp) -> Booking:
    meera, _ = await app.client()
    booking = await app.hold(meera, await app.developer())
    app.gateway.asked_at.clear()
    return booking


async def live_through(app: MemoryApp, until: timedelta) -> None:
    """From one due message to the next."""
    end = app.clock.now() + until
    while True:
        ready = await app.store.repositories.outbox.in_state("ready", limit=100)
        coming = sorted(m.due_at for m in ready if app.clock.now() < m.due_at <= end)
        if not coming:
            break
        app.clock.set(coming[0])
        await app.run()
    app.clock.set(end)


async def polls(app: MemoryApp) -> list[PollGateway]:
    ready = await app.store.repositories.outbox.in_state("ready", limit=100)
    return [PollGateway.decode(m.payload) for m in ready if m.kind == PollGateway.kind]


async def test_an_open_checkout_is_polled_at_10_30_and_60_seconds_and_then_less_and_less(
    app: MemoryApp,
) -> None:
    booking = await a_hold(app)

    await live_through(app, 26 * HOUR)

    asked = [at - booking.created_at for at in app.gateway.asked_at]
    expiry = 18 * MINUTE  # of the hold, which asks once more
    hourly = [hour * HOUR for hour in range(2, 25)]
    assert asked == sorted([*FIRST_HOUR, expiry, *hourly])


async def test_one_poll_waits_at_a_time(app: MemoryApp) -> None:
    booking = await a_hold(app)

    seen = []
    for after in (0, 10, 30, 60, 180):
        app.clock.set(booking.created_at + after * SECOND)
        await app.run()
        seen.append([poll.turn for poll in await polls(app)])

    assert seen == [[0], [1], [2], [3], [4]]


async def test_a_checkout_that_the_request_did_not_open_is_opened_after_15_seconds(
    app: MemoryApp,
) -> None:
    meera, _ = await app.client()
    app.gateway.down = True
    booking = await app.hold(meera, await app.developer())
    app.gateway.down = False

    await live_through(app, 14 * SECOND)
    before = (await app.payment(booking)).checkout_url
    await live_through(app, SECOND)
    opened = (await app.payment(booking)).checkout_url

    assert before is None
    assert opened
    assert [poll.turn for poll in await polls(app)] == [1]


@pytest.mark.parametrize("paid_after", [1, 9, 29, 59])
async def test_a_payment_without_a_webhook_is_found_within_a_minute(
    app: MemoryApp, paid_after: int
) -> None:
    booking = await a_hold(app)
    await live_through(app, paid_after * SECOND)
    await app.pay(booking)

    await live_through(app, (60 - paid_after) * SECOND)

    assert (await app.booking(booking.id)).status is Status.REQUESTED


async def test_a_payment_is_found_after_relays_were_stopped_for_longer_than_all_polls(
    app: MemoryApp,
) -> None:
    """The hold has expired before its first poll runs, and no second poll is left."""
    booking = await a_hold(app)
    await app.pay(booking)
    app.gateway.down = True
    await app.pass_time(9 * DAY)
    assert (await app.payment(booking)).status is PaymentStatus.EXPIRED
    app.gateway.down = False

    await app.pass_time(DAY)
    await app.pass_time(HOUR)

    assert (await app.payment(booking)).status is PaymentStatus.REFUNDED
    await app.assert_ledger_balances()


async def test_a_payment_that_is_known_is_not_polled_before_the_first_minute(
    app: MemoryApp,
) -> None:
    """Until an hour it is polled, because a second payment may follow."""
    booking = await a_hold(app)
    app.clock.advance(5 * SECOND)
    await app.pay(booking)
    await app.settle(booking)

    await live_through(app, 20 * HOUR)

    asked = [at - booking.created_at for at in app.gateway.asked_at]
    assert asked == [5 * SECOND, 60 * SECOND, 3 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR]
    assert await polls(app) == []


async def test_relays_that_were_stopped_ask_once_for_all_the_polls_they_missed(
    app: MemoryApp,
) -> None:
    booking = await a_hold(app)

    app.clock.advance(5 * HOUR + 10 * MINUTE)
    await app.run()

    assert app.gateway.asked_at == [app.clock.now()] * 2  # the poll, and the expiry of the hold
    (following,) = await polls(app)
    assert following.turn == 11
    await live_through(app, 50 * MINUTE)
    assert app.gateway.asked_at[2:] == [booking.created_at + 6 * HOUR]


async def test_a_checkout_that_is_opened_late_is_polled_from_its_opening_on(app: MemoryApp) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    app.gateway.down = True
    booking = await app.hold(meera, lucia)
    await live_through(app, 4 * MINUTE)
    app.gateway.down = False
    app.gateway.asked_at.clear()

    await app.services.bookings.checkout(booking.id, by=meera.id)
    opened, waiting = app.clock.now(), await polls(app)
    await live_through(app, HOUR)

    assert [(poll.turn, poll.since) for poll in waiting] == [(0, opened)]
    asked = [at - opened for at in app.gateway.asked_at]
    # The checkout itself asks first, and the hold that begins again asks at its end.
    assert asked == [timedelta(0), *FIRST_HOUR[:5], 18 * MINUTE, *FIRST_HOUR[5:]]


async def test_a_refund_is_polled_from_the_first_minute_until_it_has_ended(app: MemoryApp) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    booking = await app.paid(meera, lucia)
    app.gateway.refunds_succeed_at_once = False
    await live_through(app, 2 * HOUR)
    app.gateway.asked_at.clear()
    await app.services.answers.decline(booking.id, by=lucia.account_id)
    declined = app.clock.now()

    await live_through(app, 10 * DAY)
    app.gateway.finish_refunds()
    await live_through(app, 3 * DAY)

    asked = [at - declined for at in app.gateway.asked_at]
    hours, days = ([n * unit for n in range(*span)] for unit, span in UNITS)
    assert asked == [*FIRST_HOUR[2:6], *hours, *days]
    assert (await app.payment(booking)).status is PaymentStatus.REFUNDED
    assert await polls(app) == []


UNITS = ((HOUR, (1, 25)), (DAY, (2, 12)))
"""Hourly to a day, then daily until the day after the refund has ended."""


async def test_a_poll_of_0_1_0_continues_with_the_next_moment_to_come(app: MemoryApp) -> None:
    """Its turn counted in a list without the polls before the first minute."""
    booking = await a_hold(app)
    payment: Payment = await app.payment(booking)
    outbox, now = app.store.repositories.outbox, app.clock.now()
    ready = await outbox.in_state("ready", limit=100)
    await outbox.cancel(*(m.id for m in ready if m.kind == PollGateway.kind), now=now)
    old = PollGateway(PaymentId(payment.id), 2, now, payment.id)
    await outbox.add(message(old, f"{payment.id}:2 of 0.1.0", due_at=now + 10 * MINUTE))

    await live_through(app, 10 * MINUTE)

    (following,) = await polls(app)
    assert (following.turn, following.since) == (5, now)
