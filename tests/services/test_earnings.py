"""Earnings: when released money is ready, and what happens when it is taken back."""

from __future__ import annotations

import asyncio

from core.bookings import Booking
from core.developers import Developer
from core.earnings import Balance, ClearEarnings
from core.money import Money
from core.policy import DAY, HOUR, SECOND
from core.transactions import escrow
from services.payments import BALANCES
from tests.app import MemoryApp


async def released(app: MemoryApp, developer: Developer, number: int = 1) -> Booking:
    client, _ = await app.client(f"Client {number}")
    job = await app.delivered(client, developer, starts_in=(6 + 2 * number) * HOUR, hours=1)
    await app.services.jobs.approve(job.id, by=client.id)
    return await app.booking(job.booking_id)


async def balance(app: MemoryApp, developer: Developer) -> Balance:
    return (await app.services.earnings.wallet(developer.id)).balance


async def test_released_money_clears_for_a_week_and_from_the_fourth_job_on_for_three_days(
    app: MemoryApp,
) -> None:
    developer = await app.developer()
    bookings = [await released(app, developer, number) for number in range(1, 5)]

    wallet = await app.services.earnings.wallet(developer.id)

    waits = {each.id: each.clears_at - each.released_at for each in wallet.upcoming}
    assert [waits[booking.id] for booking in bookings] == [7 * DAY, 7 * DAY, 7 * DAY, 3 * DAY]
    assert wallet.upcoming[0].id == bookings[3].id
    assert wallet.balance.clearing == sum((b.earning for b in bookings), Money(0))
    assert wallet.balance.available == Money(0)


async def test_money_is_ready_at_its_date_and_not_before(app: MemoryApp) -> None:
    developer = await app.developer()
    booking = await released(app, developer)

    await app.pass_time(7 * DAY - SECOND)
    before = await balance(app, developer)
    await app.pass_time(SECOND)

    after = await app.services.earnings.wallet(developer.id)
    assert (before.clearing, before.available) == (booking.earning, Money(0))
    assert (after.balance.clearing, after.balance.available) == (Money(0), booking.earning)
    assert after.upcoming == ()


async def test_money_is_made_ready_once_also_by_parallel_relays(app: MemoryApp) -> None:
    developer = await app.developer()
    booking = await released(app, developer)
    app.clock.advance(7 * DAY)

    clear = app.services.earnings.clear
    await asyncio.gather(*(clear(ClearEarnings(booking.id)) for _ in range(5)))

    assert (await balance(app, developer)).available == booking.earning


async def test_money_taken_back_while_it_clears_leaves_the_rest(app: MemoryApp) -> None:
    developer = await app.developer()
    booking = await released(app, developer)
    part = Money(10_000)

    await app.store.transact(
        lambda repositories: app.services.earnings.take_back(
            repositories, booking, part, to=escrow(booking.id), fact="chargeback:1"
        )
    )
    await app.pass_time(7 * DAY)

    after = await balance(app, developer)
    assert (after.available, after.owed) == (booking.earning - part, Money(0))


async def test_a_developer_with_entries_of_an_older_version_has_their_sum(app: MemoryApp) -> None:
    developer = await app.developer()
    booking = await released(app, developer)
    balances = app.store.repositories.documents(BALANCES)
    async for each in balances.each():
        await balances.remove(each.id)

    missing = await balance(app, developer)
    await app.pass_time(7 * DAY)

    assert missing.clearing == booking.earning
    assert (await balance(app, developer)).available == booking.earning
