"""The main job from end to end, on memory adapters."""

from __future__ import annotations

from datetime import timedelta

from core.bookings import Status
from core.jobs import Status as JobStatus
from core.payments import Status as PaymentStatus
from tests.app import MemoryApp


async def test_an_hour_is_booked_paid_accepted_delivered_changed_and_approved(
    app: MemoryApp,
) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()

    booking = await app.hold(meera, lucia)
    await app.pay(booking)
    await app.settle(booking)
    assert (await app.booking(booking.id)).status is Status.REQUESTED
    job = await app.job(booking)
    assert job.status is JobStatus.OPEN

    await app.services.answers.accept(booking.id, by=lucia.account_id)
    await app.services.jobs.deliver(job.id, by=lucia.account_id, note="An index, see summary.")
    await app.services.jobs.request_changes(job.id, by=meera.id, notes="Also by month.")
    await app.services.jobs.deliver(job.id, by=lucia.account_id, note="Now by month too.")
    await app.services.jobs.approve(job.id, by=meera.id)
    await app.run()

    details = await app.services.timeline.details(booking.id, by=meera.id)
    assert details.booking.status is Status.COMPLETED
    assert details.payment.status is PaymentStatus.RECEIVED
    assert details.job and details.job.status is JobStatus.APPROVED
    assert [d.number for d in details.deliveries] == [1, 2]
    assert [entry.what for entry in details.entries] == [
        "held", "paid", "accepted", "delivered", "changes_requested", "delivered", "approved",
    ]  # fmt: skip
    assert await app.balances() == {
        "gateway:memory": -480_000,
        f"clearing:{lucia.id}": 432_000,
        "fees": 48_000,
    }


async def test_both_sides_get_a_mail_at_each_step(app: MemoryApp) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    job = await app.delivered(meera, lucia)
    await app.services.jobs.approve(job.id, by=meera.id)
    await app.run()
    ref = f" ({(await app.booking(job.booking_id)).number})"

    developer = await app.store.repositories.accounts.get(lucia.account_id)  # type: ignore[arg-type]
    assert [m.subject.removesuffix(ref) for m in app.mailer.to(meera.email)][1:] == [
        "You paid ₹4,800.00: Lucía answers next, Thu 26 Nov",
        "Lucía accepted: 2\N{NO-BREAK SPACE}hours on Thu 26 Nov",
        "Lucía delivered: review delivery 1 for Thu 26 Nov",
        "You released ₹4,800.00 for Lucía, Thu 26 Nov",
    ]
    assert [m.subject.removesuffix(ref) for m in app.mailer.to(developer.email)][1:] == [
        "Request from Meera: 2\N{NO-BREAK SPACE}hours on Thu 26 Nov, ₹4,320.00 for you",
        "You accepted: 2\N{NO-BREAK SPACE}hours with Meera on Thu 26 Nov",
        "You delivered: Meera reviews delivery 1 for Thu 26 Nov",
        "₹4,320.00 released to you: Meera, Thu 26 Nov",
    ]


async def test_without_an_answer_of_the_developer_everything_is_refunded(app: MemoryApp) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    booking = await app.paid(meera, lucia)

    await app.pass_time(timedelta(hours=24) - timedelta(seconds=1))
    assert (await app.booking(booking.id)).status is Status.REQUESTED
    await app.pass_time(timedelta(seconds=1))

    assert (await app.booking(booking.id)).status is Status.CANCELLED
    assert (await app.payment(booking)).status is PaymentStatus.REFUNDED
    assert await app.balances() == {}


async def test_an_unpaid_hold_ends_and_the_hour_is_free_again(app: MemoryApp) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    booking = await app.hold(meera, lucia)

    await app.pass_time(timedelta(minutes=18))

    assert (await app.booking(booking.id)).status is Status.EXPIRED
    again = (
        await app.services.bookings.hold(
            by=meera.id, developer_id=lucia.id, start=booking.start, hours=2, brief="Again"
        )
    ).booking
    assert again.status is Status.HELD


async def test_without_approval_the_money_is_released_after_72_hours(app: MemoryApp) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    booking = await app.confirmed(meera, lucia)
    await app.pass_time(booking.end - app.clock.now())
    job = await app.job(booking)
    await app.services.jobs.deliver(job.id, by=lucia.account_id, note="Done.")

    await app.pass_time(timedelta(hours=72) - timedelta(seconds=1))
    assert (await app.store.repositories.jobs.get(job.id)).status is JobStatus.DELIVERED
    await app.pass_time(timedelta(seconds=1))

    assert (await app.store.repositories.jobs.get(job.id)).status is JobStatus.APPROVED
    assert (await app.balances())["fees"] == 48_000


async def test_work_that_is_never_delivered_is_refunded_14_days_after_the_end(
    app: MemoryApp,
) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    booking = await app.confirmed(meera, lucia)

    await app.pass_time(booking.end + timedelta(days=14) - app.clock.now())

    assert (await app.booking(booking.id)).status is Status.CANCELLED
    assert await app.balances() == {}
