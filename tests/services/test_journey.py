"""The main job from end to end, on memory adapters."""

from __future__ import annotations

from datetime import timedelta

from core.bookings import Status
from core.jobs import Status as JobStatus
from core.payments import Status as PaymentStatus
from tests.house import MemoryHouse


async def test_an_hour_is_booked_paid_accepted_delivered_changed_and_approved(
    house: MemoryHouse,
) -> None:
    meera, _ = await house.client()
    lucia = await house.developer()

    booking = await house.hold(meera, lucia)
    await house.pay(booking)
    await house.settle(booking)
    assert (await house.booking(booking.id)).status is Status.REQUESTED
    job = await house.job(booking)
    assert job.status is JobStatus.OPEN

    await house.services.answers.accept(booking.id, by=lucia.account_id)
    await house.services.jobs.deliver(job.id, by=lucia.account_id, note="An index, see summary.")
    await house.services.jobs.request_changes(job.id, by=meera.id, notes="Also by month.")
    await house.services.jobs.deliver(job.id, by=lucia.account_id, note="Now by month too.")
    await house.services.jobs.approve(job.id, by=meera.id)
    await house.run()

    course = await house.services.timeline.course(booking.id, by=meera.id)
    assert course.booking.status is Status.COMPLETED
    assert course.payment.status is PaymentStatus.RECEIVED
    assert course.job and course.job.status is JobStatus.APPROVED
    assert [d.number for d in course.deliveries] == [1, 2]
    assert [entry.what for entry in course.entries] == [
        "held", "paid", "accepted", "delivered", "changes_requested", "delivered", "approved",
    ]  # fmt: skip
    assert await house.balances() == {
        "gateway:memory": -480_000,
        f"developer:{lucia.id}": 432_000,
        "fees": 48_000,
    }


async def test_the_journey_tells_both_sides_by_mail(house: MemoryHouse) -> None:
    meera, _ = await house.client()
    lucia = await house.developer()
    job = await house.delivered(meera, lucia)
    await house.services.jobs.approve(job.id, by=meera.id)
    await house.run()

    developer = await house.store.books.accounts.get(lucia.account_id)  # type: ignore[arg-type]
    assert [m.subject for m in house.mailer.to(meera.email)][1:] == [
        "Paid. Now Lucía has to answer",
        "Lucía accepted your booking",
        "Lucía has delivered: look at delivery 1",
        "Released: ₹4,800.00 for Lucía",
    ]
    assert [m.subject for m in house.mailer.to(developer.email)][1:] == [
        "Meera asks for 2\N{NO-BREAK SPACE}hours",
        "₹4,320.00 is yours",
    ]


async def test_a_silent_developer_means_everything_goes_back(house: MemoryHouse) -> None:
    meera, _ = await house.client()
    lucia = await house.developer()
    booking = await house.paid(meera, lucia)

    await house.pass_time(timedelta(hours=24) - timedelta(seconds=1))
    assert (await house.booking(booking.id)).status is Status.REQUESTED
    await house.pass_time(timedelta(seconds=1))

    assert (await house.booking(booking.id)).status is Status.CANCELLED
    assert (await house.payment(booking)).status is PaymentStatus.REFUNDED
    assert await house.balances() == {}


async def test_an_unpaid_hold_ends_and_the_hour_is_free_again(house: MemoryHouse) -> None:
    meera, _ = await house.client()
    lucia = await house.developer()
    booking = await house.hold(meera, lucia)

    await house.pass_time(timedelta(minutes=18))

    assert (await house.booking(booking.id)).status is Status.EXPIRED
    again = await house.services.bookings.hold(
        by=meera.id, developer_id=lucia.id, start=booking.start, hours=2, brief="Again"
    )
    assert again.status is Status.HELD


async def test_without_approval_the_money_is_released_after_72_hours(house: MemoryHouse) -> None:
    meera, _ = await house.client()
    lucia = await house.developer()
    job = await house.delivered(meera, lucia)

    await house.pass_time(timedelta(hours=72) - timedelta(seconds=1))
    assert (await house.store.books.jobs.get(job.id)).status is JobStatus.DELIVERED
    await house.pass_time(timedelta(seconds=1))

    assert (await house.store.books.jobs.get(job.id)).status is JobStatus.APPROVED
    assert (await house.balances())["fees"] == 48_000


async def test_work_that_never_comes_is_refunded_14_days_after_the_end(house: MemoryHouse) -> None:
    meera, _ = await house.client()
    lucia = await house.developer()
    booking = await house.confirmed(meera, lucia)

    await house.pass_time(booking.end + timedelta(days=14) - house.clock.now())

    assert (await house.booking(booking.id)).status is Status.CANCELLED
    assert await house.balances() == {}
