"""The answer to a booking: accepted, declined, cancelled or never given, and the money after it."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.memory.clock import FixedClock
from adapters.memory.store import MemoryStore
from core.bookings import (
    Booking,
    IllegalTransition,
    RefundChanged,
    Status,
    TooLateToAnswer,
)
from core.bookings_messages import AutoCancel
from core.errors import Conflict
from core.jobs import Status as JobStatus
from core.outbox import NotDueYet
from core.payments import Status as PaymentStatus
from core.policy import DAY, HOUR
from services.timeline import BookingDetails
from tests.app import MemoryApp

SECOND = timedelta(seconds=1)


async def an_unanswered_booking(app: MemoryApp, **fields: object) -> tuple[Booking, str, str]:
    meera, _ = await app.client()
    lucia = await app.developer()
    return await app.paid(meera, lucia, **fields), meera.id, lucia.account_id


async def lines_of(app: MemoryApp, booking: Booking) -> dict[str, dict[str, int]]:
    """Every ledger entry of a booking, by its kind: what each account gained or lost."""
    entries = await app.store.repositories.transactions.of_booking(booking.id)
    short = {f"escrow:{booking.id}": "escrow", f"clearing:{booking.developer.id}": "developer"}
    return {
        entry.kind: {short.get(n.account, n.account): n.amount.amount for n in entry.lines}
        for entry in entries
    }


async def test_an_accepted_booking_is_confirmed_and_its_job_active(app: MemoryApp) -> None:
    booking, _, lucia = await an_unanswered_booking(app)

    accepted = await app.services.answers.accept(booking.id, by=lucia)

    assert accepted.booking.status is Status.CONFIRMED
    assert (await app.job(booking)).status is JobStatus.ACTIVE
    for name in ("bookings.auto_cancel", "bookings.remind_answer"):
        message = await app.store.repositories.outbox.find(f"{booking.id}:{name}")
        assert message
        assert message.state == "void"
    await app.pass_time(2 * DAY)
    assert (await app.booking(booking.id)).status is Status.CONFIRMED


async def test_a_declined_booking_returns_everything(app: MemoryApp) -> None:
    booking, _, lucia = await an_unanswered_booking(app)

    declined = await app.services.answers.decline(booking.id, by=lucia, reason=" I am ill. ")
    await app.run()

    assert (declined.status, declined.reason) == (Status.DECLINED, "I am ill.")
    assert (await app.job(booking)).status is JobStatus.CANCELLED
    assert (await app.payment(booking)).status is PaymentStatus.REFUNDED
    assert await lines_of(app, booking) == {
        "pay": {"gateway:memory": -480_000, "escrow": 480_000},
        "refund": {"escrow": -480_000, "gateway:memory": 480_000},
    }


async def test_an_answer_is_given_once(app: MemoryApp) -> None:
    booking, meera, lucia = await an_unanswered_booking(app)
    answers = app.services.answers
    await answers.decline(booking.id, by=lucia)
    for again in (
        answers.accept(booking.id, by=lucia),
        answers.decline(booking.id, by=lucia),
        answers.cancel(booking.id, by=meera),
    ):
        with pytest.raises(IllegalTransition):
            await again


async def test_accepting_and_auto_cancelling_at_once_has_exactly_one_winner(
    app: MemoryApp,
) -> None:
    """Two machines whose clocks differ by a second: for one it is too late, for the other not.

    Both find the booking unanswered; whoever commits second sees that it is over.
    """
    assert isinstance(app.store, MemoryStore)
    meera, _ = await app.client()
    lucia = await app.developer()
    asked = [await app.paid(meera, lucia, starts_in=3 * DAY + n * 3 * HOUR) for n in range(80)]
    app.clock.advance(DAY)
    slow_clock = FixedClock(app.clock.now() - SECOND)
    slow = replace(app.services.answers, clock=slow_clock)

    async def deadline(booking: Booking, pauses: int) -> None:
        for _ in range(pauses):
            await asyncio.sleep(0)
        await app.services.answers.auto_cancel(AutoCancel(booking.id))

    winners = Counter[str]()
    for n, booking in enumerate(asked):
        app.store.conflicts = n % 3
        accepted, expired = await asyncio.gather(
            slow.accept(booking.id, by=lucia.account_id),
            deadline(booking, pauses=n % 20),
            return_exceptions=True,
        )
        assert expired is None
        winners[await winner_of(app, booking, accepted)] += 1
    app.store.conflicts = 0
    await app.run()

    assert winners["accepted"] > 5
    assert winners["auto_cancelled"] > 5
    held = 480_000 * winners["accepted"]
    assert sum(v for k, v in (await app.balances()).items() if k.startswith("escrow")) == held


async def winner_of(app: MemoryApp, booking: Booking, accepted: object) -> str:
    """The one thing that happened, once everything else has been found to agree with it."""
    entries = await app.store.repositories.timeline.of_booking(booking.id)
    (what,) = (entry.what for entry in entries if entry.what not in ("held", "paid"))
    status, job = (await app.booking(booking.id)).status, (await app.job(booking)).status
    payment = (await app.payment(booking)).status
    if what == "accepted":
        assert isinstance(accepted, BookingDetails)
        assert (status, job, payment) == (
            Status.CONFIRMED,
            JobStatus.ACTIVE,
            PaymentStatus.PAID,
        )
    else:
        assert isinstance(accepted, IllegalTransition)
        assert (status, job, payment) == (
            Status.CANCELLED,
            JobStatus.CANCELLED,
            PaymentStatus.REFUNDING,
        )
    return what


async def test_at_the_deadline_it_is_too_late_to_accept(app: MemoryApp) -> None:
    booking, _, lucia = await an_unanswered_booking(app)
    app.clock.advance(DAY)
    with pytest.raises(TooLateToAnswer):
        await app.services.answers.accept(booking.id, by=lucia)


async def test_the_deadline_is_never_early(app: MemoryApp) -> None:
    booking, _, _ = await an_unanswered_booking(app)
    app.clock.advance(DAY - SECOND)
    with pytest.raises(NotDueYet) as answer:
        await app.services.answers.auto_cancel(AutoCancel(booking.id))
    assert answer.value.until == booking.accept_by
    assert await app.booking(booking.id) == booking


async def test_close_to_the_start_the_deadline_is_two_hours_before_it(app: MemoryApp) -> None:
    booking, _, _ = await an_unanswered_booking(app, starts_in=5 * HOUR)
    await app.pass_time(3 * HOUR - SECOND)
    assert (await app.booking(booking.id)).status is Status.REQUESTED
    await app.pass_time(SECOND)
    assert (await app.booking(booking.id)).status is Status.CANCELLED


async def test_the_deadline_run_twice_does_nothing_more(app: MemoryApp) -> None:
    booking, _, _ = await an_unanswered_booking(app)
    await app.pass_time(DAY)
    once = await app.booking(booking.id), await app.payment(booking)
    entries = await app.store.repositories.timeline.of_booking(booking.id)

    await asyncio.gather(
        *(app.services.answers.auto_cancel(AutoCancel(booking.id)) for _ in range(5))
    )
    await app.run()

    assert (await app.booking(booking.id), await app.payment(booking)) == once
    assert await app.store.repositories.timeline.of_booking(booking.id) == entries
    assert await app.balances() == {}


async def test_five_relays_at_one_deadline_cancel_once(app: MemoryApp) -> None:
    assert isinstance(app.store, MemoryStore)
    booking, _, _ = await an_unanswered_booking(app)
    app.clock.advance(DAY)
    app.store.conflicts = 2

    await asyncio.gather(
        *(app.services.answers.auto_cancel(AutoCancel(booking.id)) for _ in range(5))
    )
    await app.run()

    entries = await app.store.repositories.timeline.of_booking(booking.id)
    assert [entry.what for entry in entries] == ["held", "paid", "auto_cancelled", "refunded"]
    assert await app.balances() == {}


async def test_a_request_not_yet_answered_is_cancelled_for_free_at_any_time(
    app: MemoryApp,
) -> None:
    booking, meera, _ = await an_unanswered_booking(app, starts_in=5 * HOUR)
    await app.services.answers.cancel(booking.id, by=meera)
    await app.run()
    assert (await app.payment(booking)).refunded == booking.price
    assert await app.balances() == {}


@pytest.mark.parametrize(
    ("notice", "back", "earned", "fee"),
    [
        (24 * HOUR, 480_000, 0, 0),
        (24 * HOUR - SECOND, 240_000, 216_000, 24_000),
        (12 * HOUR, 240_000, 216_000, 24_000),
        (12 * HOUR - SECOND, 0, 432_000, 48_000),
    ],
)
async def test_a_client_who_cancels_a_confirmed_booking_gets_back_what_the_terms_say(
    app: MemoryApp, notice: timedelta, back: int, earned: int, fee: int
) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    booking = await app.confirmed(meera, lucia)
    app.clock.set(booking.start - notice)

    await app.services.answers.cancel(booking.id, by=meera.id, reason="Moved")
    await app.run()

    taken = {"gateway:memory": -480_000, "escrow": 480_000}
    returned = {"escrow": -back, "gateway:memory": back}
    released = {"escrow": back - 480_000, "developer": earned, "fees": fee}
    assert await lines_of(app, booking) == {
        "pay": taken,
        **({"refund": returned} if back else {}),
        **({"release": released} if earned else {}),
    }
    assert (await app.booking(booking.id)).status is Status.CANCELLED
    assert (await app.job(booking)).status is JobStatus.CANCELLED
    ended = PaymentStatus.REFUNDED if back else PaymentStatus.RECEIVED
    assert (await app.payment(booking)).status is ended


async def test_a_developer_who_cancels_returns_everything_whenever_it_is(
    app: MemoryApp,
) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    booking = await app.confirmed(meera, lucia)
    app.clock.set(booking.start - SECOND)
    await app.services.answers.cancel(booking.id, by=lucia.account_id)
    await app.run()
    assert await app.balances() == {}


async def test_both_sides_cancelling_at_once_cancel_once(app: MemoryApp) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    booking = await app.confirmed(meera, lucia)
    cancel = app.services.answers.cancel
    answers = await asyncio.gather(
        cancel(booking.id, by=meera.id),
        cancel(booking.id, by=lucia.account_id),
        return_exceptions=True,
    )
    await app.run()
    assert sum(isinstance(answer, Booking) for answer in answers) == 1
    assert sum(isinstance(answer, Conflict) for answer in answers) == 1
    assert await app.balances() == {}


@pytest.mark.parametrize("delivered", [False, True])
async def test_what_has_started_is_not_cancelled(app: MemoryApp, delivered: bool) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    begun = await app.confirmed(meera, lucia)
    if delivered:
        job = await app.job(begun)
        await app.services.jobs.deliver(job.id, by=lucia.account_id, note="Done.")
    app.clock.set(begun.start)
    for account in (meera.id, lucia.account_id):
        with pytest.raises(IllegalTransition, match="started"):
            await app.services.answers.cancel(begun.id, by=account)


async def test_a_refund_that_was_shown_is_what_is_paid_or_nothing_is_cancelled(
    app: MemoryApp,
) -> None:
    """The developer accepts between the look at the refund and the click."""
    meera, _ = await app.client()
    lucia = await app.developer()
    booking = await app.paid(meera, lucia, starts_in=timedelta(hours=8))
    await app.services.answers.accept(booking.id, by=lucia.account_id)

    with pytest.raises(RefundChanged):
        await app.services.answers.cancel(booking.id, by=meera.id, expecting=booking.price)

    assert (await app.booking(booking.id)).status is Status.CONFIRMED
