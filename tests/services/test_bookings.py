"""Many clients and one hour: who gets it, who is refused, and who may see it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from core.accounts import Role
from core.booking_numbers import number_of
from core.bookings import (
    Booking,
    BookingId,
    HourTaken,
    IllegalTransition,
    NotOffered,
    OwnHour,
    PriceChanged,
    Status,
)
from core.clients import Client, ClientId
from core.developers import Developer
from core.errors import Forbidden, Invalid, NotFound, OneHourError
from core.jobs import JobId
from core.money import Money
from core.payments import Status as PaymentStatus
from core.policy import DAY, HOUR, MINUTE
from ports.extensions import Vetoed
from tests.app import MemoryApp

TEN = timedelta(days=3)


async def hold(
    app: MemoryApp, account: str, developer: Developer, start: datetime, **special: object
) -> Booking:
    return (await app.services.bookings.hold(
        by=account, developer_id=developer.id, start=start,
        **{"hours": 1, "brief": "It is slow.", **special},  # type: ignore[arg-type]
    )).booking  # fmt: skip


async def outcomes(*requests: Awaitable[Booking]) -> Counter[str]:
    """The result of each; anything but a booking or a refusal is a failure."""
    answers = await asyncio.gather(*requests, return_exceptions=True)
    for answer in answers:
        if not isinstance(answer, Booking | OneHourError):
            raise answer
    return Counter(type(answer).__name__ for answer in answers)


async def test_of_fifty_clients_for_one_hour_exactly_one_gets_it(app: MemoryApp) -> None:
    clients = [(await app.client(f"Client{n} Number"))[0] for n in range(50)]
    lucia = await app.developer()
    start = app.clock.now() + TEN

    met = await outcomes(*(hold(app, client.id, lucia, start) for client in clients))

    assert met == {"Booking": 1, "HourTaken": 49}
    busy = await app.store.repositories.bookings.busy([lucia.id], since=start, until=start + HOUR)
    assert len(busy[lucia.id]) == 4


async def test_a_booking_whose_number_another_one_has_gets_the_next(app: MemoryApp) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    start, upcoming = app.clock.now() + TEN, BookingId("bkg_of_a_request")
    other = await hold(app, meera.id, lucia, start)
    other = await app.store.repositories.bookings.save(
        replace(other, number=number_of(upcoming, attempt=1))
    )
    first = await hold(app, meera.id, lucia, start + HOUR)
    await app.store.repositories.bookings.save(replace(first, number=number_of(upcoming)))

    booking = await hold(app, meera.id, lucia, start + 2 * HOUR, request_id=upcoming)
    again = await hold(app, meera.id, lucia, start + 2 * HOUR, request_id=upcoming)

    assert booking.number == again.number == number_of(upcoming, attempt=2)
    assert await app.booking(upcoming) == again


async def test_of_overlapping_starts_exactly_one_is_held(app: MemoryApp) -> None:
    meera, _ = await app.client()
    rohan, _ = await app.client("Rohan Deshpande")
    lucia = await app.developer()
    for day in range(10):
        ten = app.clock.now() + TEN + day * DAY
        met = await outcomes(
            hold(app, meera.id, lucia, ten), hold(app, rohan.id, lucia, ten + 30 * MINUTE)
        )
        assert met == {"Booking": 1, "HourTaken": 1}


async def test_an_hour_that_begins_when_another_ends_is_free(app: MemoryApp) -> None:
    meera, _ = await app.client()
    lucia, amir = await app.developer(), await app.developer("Amir Nazari")
    ten = app.clock.now() + TEN
    met = await outcomes(
        hold(app, meera.id, lucia, ten),
        hold(app, meera.id, lucia, ten + HOUR),
        hold(app, meera.id, lucia, ten - HOUR),
        hold(app, meera.id, amir, ten),
    )
    assert met == {"Booking": 4}


async def test_the_same_request_again_finds_the_same_booking(app: MemoryApp) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    start = app.clock.now() + TEN

    first = await hold(app, meera.id, lucia, start, request_id="bkg_once")
    again = await hold(app, meera.id, lucia, start, request_id="bkg_once")

    assert again.id == first.id == "bkg_once"
    mine, _ = await app.services.bookings.of_account(by=meera.id)
    assert [booking.id for booking in mine] == ["bkg_once"]
    entries = await app.store.repositories.timeline.of_booking(first.id)
    assert [entry.what for entry in entries] == ["held"]


async def test_a_time_that_is_not_offered_is_refused_and_nothing_is_kept(
    app: MemoryApp,
) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    for start in (app.clock.now() + 4 * HOUR - 15 * MINUTE, app.clock.now() + 60 * DAY):
        with pytest.raises(NotOffered):
            await hold(app, meera.id, lucia, start)
    assert await app.services.bookings.of_account(by=meera.id) == ((), None)


async def test_a_start_beside_the_quarter_hour_is_refused(app: MemoryApp) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    with pytest.raises(Invalid):
        await hold(app, meera.id, lucia, app.clock.now() + TEN + MINUTE)


async def test_nobody_books_their_own_hour(app: MemoryApp) -> None:
    lucia = await app.developer()
    both = Client(ClientId("cli_lucia"), lucia.account_id, lucia.name)
    await app.store.repositories.clients.add(both)
    with pytest.raises(OwnHour):
        await hold(app, lucia.account_id, lucia, app.clock.now() + TEN)


async def test_without_a_client_account_nothing_is_booked(app: MemoryApp) -> None:
    lucia, amir = await app.developer(), await app.developer("Amir Nazari")
    with pytest.raises(Forbidden):
        await hold(app, amir.account_id, lucia, app.clock.now() + TEN)


async def test_a_draft_profile_cannot_be_booked(app: MemoryApp) -> None:
    meera, _ = await app.client()
    account = await app.account(Role.DEVELOPER, "Amir Nazari")
    draft = await app.services.developers.own_profile(by=account.id)
    with pytest.raises(NotFound):
        await hold(app, meera.id, draft, app.clock.now() + TEN)


async def test_a_plugins_veto_stops_the_booking(app: MemoryApp) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    app.extensions.veto = "Closed for the holidays."
    with pytest.raises(Vetoed, match="Closed for the holidays"):
        await hold(app, meera.id, lucia, app.clock.now() + TEN)


async def test_to_other_users_a_booking_does_not_exist(app: MemoryApp) -> None:
    meera, _ = await app.client()
    rohan, _ = await app.client("Rohan Deshpande")
    lucia, amir = await app.developer(), await app.developer("Amir Nazari")
    booking = await app.confirmed(meera, lucia)
    job = JobId(booking.job_id or "")
    services = app.services
    for other in (rohan.id, amir.account_id, "acc_nobody"):
        for attempt in (
            services.bookings.get(booking.id, by=other),
            services.bookings.checkout(booking.id, by=other),
            services.bookings.release(booking.id, by=other),
            services.answers.accept(booking.id, by=other),
            services.answers.decline(booking.id, by=other),
            services.answers.cancel(booking.id, by=other),
            services.timeline.details(booking.id, by=other),
            services.jobs.get(job, by=other),
            services.jobs.deliver(job, by=other, note="Mine."),
            services.jobs.request_changes(job, by=other, notes="More."),
            services.jobs.approve(job, by=other),
        ):
            with pytest.raises(NotFound):
                await attempt
    assert await app.booking(booking.id) == booking


async def test_neither_side_does_what_is_the_others(app: MemoryApp) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    booking = await app.paid(meera, lucia)
    job, services = JobId(booking.job_id or ""), app.services
    for attempt in (
        services.answers.accept(booking.id, by=meera.id),
        services.answers.decline(booking.id, by=meera.id),
        services.jobs.deliver(job, by=meera.id, note="Mine."),
        services.jobs.approve(job, by=lucia.account_id),
        services.jobs.request_changes(job, by=lucia.account_id, notes="More."),
        services.bookings.release(booking.id, by=lucia.account_id),
    ):
        with pytest.raises(NotFound):
            await attempt


async def test_a_released_hold_frees_the_hour_and_late_money_is_refunded(
    app: MemoryApp,
) -> None:
    meera, _ = await app.client()
    rohan, _ = await app.client("Rohan Deshpande")
    lucia = await app.developer()
    booking = await app.hold(meera, lucia)

    await app.services.bookings.release(booking.id, by=meera.id)
    other = await hold(app, rohan.id, lucia, booking.start)
    await app.pay(booking)
    await app.settle(booking)
    await app.run()

    assert other.status is Status.HELD
    assert (await app.booking(booking.id)).status is Status.CANCELLED
    assert (await app.payment(booking)).status is PaymentStatus.REFUNDED
    assert await app.balances() == {}


async def test_when_the_time_to_pay_is_over_the_checkout_is_closed(app: MemoryApp) -> None:
    meera, _ = await app.client()
    booking = await app.hold(meera, await app.developer())
    app.clock.advance(15 * MINUTE)
    with pytest.raises(HourTaken):
        await app.services.bookings.checkout(booking.id, by=meera.id)
    await app.pass_time(3 * MINUTE)
    with pytest.raises(IllegalTransition):
        await app.services.bookings.checkout(booking.id, by=meera.id)


async def test_relays_that_slept_through_the_start_give_late_money_back(
    app: MemoryApp,
) -> None:
    """Paid in time, but reported when nobody can answer any more."""
    meera, _ = await app.client()
    lucia = await app.developer()
    booking = await app.hold(meera, lucia, starts_in=5 * HOUR)
    await app.pay(booking)

    await app.pass_time(4 * HOUR)

    assert (await app.booking(booking.id)).status is Status.EXPIRED
    assert (await app.payment(booking)).status is PaymentStatus.REFUNDED
    assert await app.balances() == {}


async def test_a_price_that_changed_is_asked_again_and_nothing_is_kept(app: MemoryApp) -> None:
    meera, _ = await app.client()
    lucia = await app.developer(rate=240_000)

    with pytest.raises(PriceChanged):
        await app.services.bookings.hold(
            by=meera.id,
            developer_id=lucia.id,
            start=app.clock.now() + timedelta(days=3),
            hours=1,
            brief="It is slow.",
            expecting=Money(120_000),
        )

    assert await app.services.bookings.of_account(by=meera.id) == ((), None)
