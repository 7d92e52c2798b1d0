"""One hour, many who want it: who gets it, who is told no, and who learns nothing."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable
from datetime import datetime, timedelta

import pytest

from core.accounts import Role
from core.bookings import Booking, HourTaken, IllegalStep, NotOffered, OwnHour, PriceChanged, Status
from core.clients import Client, ClientId
from core.developers import Developer
from core.errors import Forbidden, Invalid, NotFound, OneHourError
from core.jobs import JobId
from core.money import Money
from core.payments import Status as PaymentStatus
from core.policy import DAY, HOUR, MINUTE
from ports.extensions import Vetoed
from tests.house import MemoryHouse

TEN = timedelta(days=3)


async def wish(
    house: MemoryHouse, account: str, developer: Developer, start: datetime, **special: object
) -> Booking:
    return await house.services.bookings.hold(
        by=account, developer_id=developer.id, start=start,
        **{"hours": 1, "brief": "It is slow.", **special},  # type: ignore[arg-type]
    )  # fmt: skip


async def outcomes(*wishes: Awaitable[Booking]) -> Counter[str]:
    """What became of each; anything but a booking or an answer of the house is a failure."""
    answers = await asyncio.gather(*wishes, return_exceptions=True)
    for answer in answers:
        if not isinstance(answer, Booking | OneHourError):
            raise answer
    return Counter(type(answer).__name__ for answer in answers)


async def test_of_fifty_clients_for_one_hour_exactly_one_gets_it(house: MemoryHouse) -> None:
    clients = [(await house.client(f"Client{n} Number"))[0] for n in range(50)]
    lucia = await house.developer()
    start = house.clock.now() + TEN

    met = await outcomes(*(wish(house, client.id, lucia, start) for client in clients))

    assert met == {"Booking": 1, "HourTaken": 49}
    busy = await house.store.books.bookings.busy([lucia.id], since=start, until=start + HOUR)
    assert len(busy[lucia.id]) == 4


async def test_of_overlapping_starts_exactly_one_is_held(house: MemoryHouse) -> None:
    meera, _ = await house.client()
    rohan, _ = await house.client("Rohan Deshpande")
    lucia = await house.developer()
    for day in range(10):
        ten = house.clock.now() + TEN + day * DAY
        met = await outcomes(
            wish(house, meera.id, lucia, ten), wish(house, rohan.id, lucia, ten + 30 * MINUTE)
        )
        assert met == {"Booking": 1, "HourTaken": 1}


async def test_an_hour_that_begins_when_another_ends_is_free(house: MemoryHouse) -> None:
    meera, _ = await house.client()
    lucia, amir = await house.developer(), await house.developer("Amir Nazari")
    ten = house.clock.now() + TEN
    met = await outcomes(
        wish(house, meera.id, lucia, ten),
        wish(house, meera.id, lucia, ten + HOUR),
        wish(house, meera.id, lucia, ten - HOUR),
        wish(house, meera.id, amir, ten),
    )
    assert met == {"Booking": 4}


async def test_the_same_request_again_finds_the_same_booking(house: MemoryHouse) -> None:
    meera, _ = await house.client()
    lucia = await house.developer()
    start = house.clock.now() + TEN

    first = await wish(house, meera.id, lucia, start, name="bkg_once")
    again = await wish(house, meera.id, lucia, start, name="bkg_once")

    assert again.id == first.id == "bkg_once"
    mine, _ = await house.services.bookings.mine(by=meera.id)
    assert [booking.id for booking in mine] == ["bkg_once"]
    entries = await house.store.books.timeline.of_booking(first.id)
    assert [entry.what for entry in entries] == ["held"]


async def test_a_time_that_is_not_offered_is_refused_and_nothing_is_kept(
    house: MemoryHouse,
) -> None:
    meera, _ = await house.client()
    lucia = await house.developer()
    for start in (house.clock.now() + 4 * HOUR - 15 * MINUTE, house.clock.now() + 60 * DAY):
        with pytest.raises(NotOffered):
            await wish(house, meera.id, lucia, start)
    assert await house.services.bookings.mine(by=meera.id) == ((), None)


async def test_a_start_beside_the_quarter_hour_is_refused(house: MemoryHouse) -> None:
    meera, _ = await house.client()
    lucia = await house.developer()
    with pytest.raises(Invalid):
        await wish(house, meera.id, lucia, house.clock.now() + TEN + MINUTE)


async def test_nobody_books_their_own_hour(house: MemoryHouse) -> None:
    lucia = await house.developer()
    both = Client(ClientId("cli_lucia"), lucia.account_id, lucia.name)
    await house.store.books.clients.add(both)
    with pytest.raises(OwnHour):
        await wish(house, lucia.account_id, lucia, house.clock.now() + TEN)


async def test_without_a_client_account_nothing_is_booked(house: MemoryHouse) -> None:
    lucia, amir = await house.developer(), await house.developer("Amir Nazari")
    with pytest.raises(Forbidden):
        await wish(house, amir.account_id, lucia, house.clock.now() + TEN)


async def test_a_draft_profile_cannot_be_booked(house: MemoryHouse) -> None:
    meera, _ = await house.client()
    account = await house.account(Role.DEVELOPER, "Amir Nazari")
    draft = await house.services.developers.mine(by=account.id)
    with pytest.raises(NotFound):
        await wish(house, meera.id, draft, house.clock.now() + TEN)


async def test_a_plugins_veto_stops_the_booking(house: MemoryHouse) -> None:
    meera, _ = await house.client()
    lucia = await house.developer()
    house.extensions.veto = "Closed for the holidays."
    with pytest.raises(Vetoed, match="Closed for the holidays"):
        await wish(house, meera.id, lucia, house.clock.now() + TEN)


async def test_for_a_stranger_a_booking_does_not_exist(house: MemoryHouse) -> None:
    meera, _ = await house.client()
    rohan, _ = await house.client("Rohan Deshpande")
    lucia, amir = await house.developer(), await house.developer("Amir Nazari")
    booking = await house.confirmed(meera, lucia)
    job = JobId(booking.job_id or "")
    services = house.services
    for stranger in (rohan.id, amir.account_id, "acc_nobody"):
        for attempt in (
            services.bookings.get(booking.id, by=stranger),
            services.bookings.checkout(booking.id, by=stranger),
            services.bookings.release(booking.id, by=stranger),
            services.answers.accept(booking.id, by=stranger),
            services.answers.decline(booking.id, by=stranger),
            services.answers.cancel(booking.id, by=stranger),
            services.timeline.course(booking.id, by=stranger),
            services.jobs.get(job, by=stranger),
            services.jobs.deliver(job, by=stranger, note="Mine."),
            services.jobs.request_changes(job, by=stranger, notes="More."),
            services.jobs.approve(job, by=stranger),
        ):
            with pytest.raises(NotFound):
                await attempt
    assert await house.booking(booking.id) == booking


async def test_neither_side_does_what_is_the_others(house: MemoryHouse) -> None:
    meera, _ = await house.client()
    lucia = await house.developer()
    booking = await house.paid(meera, lucia)
    job, services = JobId(booking.job_id or ""), house.services
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


async def test_a_hold_given_back_frees_the_hour_and_late_money_returns(
    house: MemoryHouse,
) -> None:
    meera, _ = await house.client()
    rohan, _ = await house.client("Rohan Deshpande")
    lucia = await house.developer()
    booking = await house.hold(meera, lucia)

    await house.services.bookings.release(booking.id, by=meera.id)
    other = await wish(house, rohan.id, lucia, booking.start)
    await house.pay(booking)
    await house.settle(booking)
    await house.run()

    assert other.status is Status.HELD
    assert (await house.booking(booking.id)).status is Status.CANCELLED
    assert (await house.payment(booking)).status is PaymentStatus.REFUNDED
    assert await house.balances() == {}


async def test_when_the_time_to_pay_is_over_the_checkout_is_closed(house: MemoryHouse) -> None:
    meera, _ = await house.client()
    booking = await house.hold(meera, await house.developer())
    house.clock.advance(15 * MINUTE)
    with pytest.raises(HourTaken):
        await house.services.bookings.checkout(booking.id, by=meera.id)
    await house.pass_time(3 * MINUTE)
    with pytest.raises(IllegalStep):
        await house.services.bookings.checkout(booking.id, by=meera.id)


async def test_relays_that_slept_through_the_start_give_late_money_back(
    house: MemoryHouse,
) -> None:
    """Paid in time, but heard of when nobody can answer any more."""
    meera, _ = await house.client()
    lucia = await house.developer()
    booking = await house.hold(meera, lucia, starts_in=5 * HOUR)
    await house.pay(booking)

    await house.pass_time(4 * HOUR)

    assert (await house.booking(booking.id)).status is Status.EXPIRED
    assert (await house.payment(booking)).status is PaymentStatus.REFUNDED
    assert await house.balances() == {}


async def test_a_price_that_changed_is_asked_again_and_nothing_is_kept(house: MemoryHouse) -> None:
    meera, _ = await house.client()
    lucia = await house.developer(rate=240_000)

    with pytest.raises(PriceChanged):
        await house.services.bookings.hold(
            by=meera.id,
            developer_id=lucia.id,
            start=house.clock.now() + timedelta(days=3),
            hours=1,
            brief="It is slow.",
            expecting=Money(120_000),
        )

    assert await house.services.bookings.mine(by=meera.id) == ((), None)
