"""What a code does to a booking, its price and its money."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from coupon_world import DAY, World
from coupons.model import Use

from onehour.api import Booking, Invalid, Money
from onehour.testing.application import CALLER

HOUR = timedelta(hours=1)


def error_at_the_field(refusal: pytest.ExceptionInfo[Invalid]) -> str:
    assert set(refusal.value.fields) == {"fields.code"}
    return refusal.value.fields["fields.code"]


async def test_a_code_lowers_the_price_and_all_shares_of_it(world: World) -> None:
    (client, _), developer = await world.app.client(), await world.app.developer(rate=240_000)
    await world.coupon(percent=20)

    booking = await world.book(client, developer, " spring ")

    (line,) = booking.price_lines
    assert (line.label, line.amount) == ("Code SPRING, 20\N{NO-BREAK SPACE}% off", Money(-48_000))
    assert booking.price == Money(192_000)
    assert booking.fee == booking.price.percent(booking.terms.fee_percent)
    assert booking.earning + booking.fee == booking.price
    assert await world.use_of(booking) == Use(
        booking.id, "SPRING", client.id, Money(48_000), world.app.clock.now()
    )
    assert await world.uses() == 1


async def test_the_ledger_is_exact_to_the_paisa(world: World) -> None:
    (client, _), developer = await world.app.client(), await world.app.developer(rate=333_333)
    await world.coupon(percent=7)
    booking = await world.book(client, developer)

    await world.app.pay(booking)
    await world.app.settle(booking)
    await world.app.services.answers.accept(booking.id, by=developer.account_id)
    job = await world.app.job(booking)
    await world.app.services.jobs.deliver(job.id, by=developer.account_id, note="Done.")
    await world.app.services.jobs.approve(job.id, by=client.id)
    await world.app.run()

    balances = await world.app.balances()
    assert booking.price == Money(333_333 - 23_333)
    assert booking.earning.amount in balances.values()
    await world.app.assert_ledger_balances()


async def test_an_amount_is_limited_by_the_setting() -> None:
    world = World.new(most_percent="30")
    (client, _), developer = await world.app.client(), await world.app.developer(rate=100_000)
    await world.coupon(amount=Money(50_000))

    booking = await world.book(client, developer)

    assert booking.price == Money(70_000)
    assert [line.label for line in booking.price_lines] == ["Code SPRING"]


async def test_codes_that_do_not_count_are_refused_at_the_field(world: World) -> None:
    now = world.app.clock.now()
    (client, _), developer = await world.app.client(), await world.app.developer()
    other = await world.app.developer("Ben Okoye", skills=("Go",))
    await world.coupon("OVER", ends_at=now)
    await world.coupon("LATER", starts_at=now + HOUR)
    await world.coupon("OTHER", developer=other.id)
    await world.coupon("GOPHERS", skill="go")
    await world.coupon("ENDED")
    await world.end("ENDED")
    await world.coupon("NONE", most_uses=0)

    said = dict[str, str]()
    for code in ("OVER", "ENDED", "LATER", "OTHER", "GOPHERS", "NONE", "NOSUCH"):
        with pytest.raises(Invalid) as refusal:
            await world.book(client, developer, code)
        said[code] = error_at_the_field(refusal)

    assert said == {
        "OVER": "This code has ended.",
        "ENDED": "This code has ended.",
        "LATER": "This code does not count yet.",
        "OTHER": f"This code does not count for {developer.name}.",
        "GOPHERS": f"This code does not count for {developer.name}.",
        "NONE": "This code is used up.",
        "NOSUCH": "This code is unknown.",
    }
    assert (await world.book(client, other, "OTHER")).price_lines
    assert (await world.book(client, other, "GOPHERS")).price_lines


async def test_a_client_uses_a_code_as_often_as_it_says(world: World) -> None:
    (client, _), (second, _) = await world.app.client(), await world.app.client("Tom Baker")
    developer = await world.app.developer()
    await world.coupon(most_per_client=1)
    await world.book(client, developer)

    with pytest.raises(Invalid) as refusal:
        await world.book(client, developer)

    assert error_at_the_field(refusal) == "You have used this code already."
    assert (await world.book(second, developer)).price_lines
    assert await world.uses() == 2


async def test_bookings_at_the_same_time_never_use_it_too_often(world: World) -> None:
    developer = await world.app.developer()
    clients = [(await world.app.client(f"Client{n} Of"))[0] for n in range(8)]
    await world.coupon(most_uses=3)

    results = await asyncio.gather(
        *(world.book(each, developer) for each in clients), return_exceptions=True
    )

    booked = [each for each in results if isinstance(each, Booking)]
    assert len(booked) == 3
    assert all(each.price_lines for each in booked)
    assert [type(each).__name__ for each in results if each not in booked] == ["WrongFields"] * 5
    assert await world.uses() == 3


async def test_one_client_at_the_same_time_uses_it_once(world: World) -> None:
    (client, _), developer = await world.app.client(), await world.app.developer()
    await world.coupon(most_per_client=1)

    results = await asyncio.gather(
        *(world.book(client, developer) for _ in range(5)), return_exceptions=True
    )

    assert sum(isinstance(each, Booking) for each in results) == 1
    assert await world.uses() == 1


@pytest.mark.parametrize("how", ["expires", "is released", "is declined", "is not answered"])
async def test_a_use_is_given_back_when_the_booking(world: World, how: str) -> None:
    (client, _), developer = await world.app.client(), await world.app.developer()
    await world.coupon(most_uses=1)
    booking = await world.book(client, developer)

    match how:
        case "expires":
            await world.app.pass_time(DAY / 24)
        case "is released":
            await world.app.services.bookings.release(booking.id, by=client.id)
        case "is declined" | "is not answered":
            await world.app.pay(booking)
            await world.app.settle(booking)
            await world.app.run()
    if how == "is declined":
        await world.app.services.answers.decline(booking.id, by=developer.account_id, reason="Ill.")
    if how == "is not answered":
        await world.app.pass_time(DAY)
    await world.app.run()

    assert not (await world.use_of(booking)).counts
    assert await world.uses() == 0
    assert (await world.book(client, developer)).price_lines


async def test_who_cancels_after_paying_has_used_it(world: World) -> None:
    (client, _), developer = await world.app.client(), await world.app.developer()
    await world.coupon(most_uses=1)
    booking = await world.book(client, developer)
    await world.app.pay(booking)
    await world.app.settle(booking)

    await world.app.services.answers.cancel(booking.id, by=client.id)
    await world.app.run()

    assert await world.uses() == 1
    await world.app.assert_ledger_balances()


async def test_a_late_payment_takes_the_use_again_if_one_is_left(world: World) -> None:
    (client, _), developer = await world.app.client(), await world.app.developer()
    await world.coupon(most_uses=1)
    booking = await world.book(client, developer)
    await world.app.pass_time(DAY / 24)
    assert await world.uses() == 0
    await world.end("SPRING")  # the price of the booking stays

    await world.app.pay(booking)
    await world.app.settle(booking)

    await world.service.give_back(booking.id)  # an event that was delivered late

    assert (await world.app.booking(booking.id)).status == "requested"
    assert await world.uses() == 1


@pytest.mark.parametrize("later", range(0, 40, 2))
async def test_a_use_is_not_given_back_while_a_late_payment_arrives(
    world: World, later: int
) -> None:
    (client, _), developer = await world.app.client(), await world.app.developer()
    await world.coupon(most_uses=1)
    booking = await world.book(client, developer)
    world.app.clock.advance(DAY / 24)
    while (await world.app.booking(booking.id)).status == "held":
        await world.app.services.outbox.run_due(limit=1)  # nobody has heard of its end yet
    await world.app.pay(booking)

    async def give_back() -> None:
        for _ in range(later):
            await asyncio.sleep(0)
        await world.service.give_back(booking.id)

    await asyncio.gather(world.app.settle(booking), give_back())

    assert (await world.app.booking(booking.id)).status == "requested"
    assert (await world.use_of(booking)).counts
    assert await world.uses() == 1


async def test_a_late_payment_is_given_back_if_somebody_else_has_the_last_use(
    world: World,
) -> None:
    (client, _), (second, _) = await world.app.client(), await world.app.client("Tom Baker")
    developer = await world.app.developer()
    await world.coupon(most_uses=1)
    booking = await world.book(client, developer)
    await world.app.pass_time(DAY / 24)
    await world.book(second, developer)

    await world.app.pay(booking)
    await world.app.settle(booking)
    await world.app.run()

    payment = await world.app.payment(booking)
    assert (await world.app.booking(booking.id)).status == "expired"
    assert [refund.amount for refund in payment.refunds] == [booking.price]
    assert await world.uses() == 1
    await world.app.assert_ledger_balances()


async def test_nobody_finds_a_code_by_trying() -> None:
    world = World.new(wrong_codes="3")
    (client, _), developer = await world.app.client(), await world.app.developer()
    for number in range(3):
        with pytest.raises(Invalid, match="unknown"):
            await world.book(client, developer, f"GUESS-{number}")

    with pytest.raises(Invalid) as refusal:
        await world.book(client, developer, "GUESS-4")

    assert "too many wrong codes" in error_at_the_field(refusal)


async def test_uses_are_exported_and_erased_with_the_account(world: World) -> None:
    (client, _), developer = await world.app.client(), await world.app.developer()
    await world.coupon()
    booking = await world.book(client, developer)
    await world.app.services.bookings.release(booking.id, by=client.id)
    await world.app.run()
    use = await world.use_of(booking)
    caller = CALLER

    exported = await world.app.services.personal_data.export(client, caller)
    await world.app.services.personal_data.erase(client, caller)

    assert exported["coupons"][0]["coupon"] == "SPRING"
    assert exported["coupons"][0]["id"] == booking.id
    assert (use.account, (await world.use_of(booking)).account) == (client.id, "")
