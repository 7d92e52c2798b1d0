"""The sums of days equal the ledger, however often and whenever they are counted."""

from __future__ import annotations

import asyncio

from core.money import Money
from core.payments import PaymentId
from core.policy import DAY, HOUR, MINUTE
from core.transactions import FEES
from services.payments import MoneyDays
from tests.app import CALLER, MemoryApp


async def some_money(app: MemoryApp) -> None:
    """One booking released, one refunded in part after the release, one held."""
    (client, _), developer = await app.client(), await app.developer()
    for number in range(2):
        job = await app.delivered(client, developer, starts_in=(6 + 3 * number) * HOUR, hours=2)
        await app.services.jobs.approve(job.id, by=client.id)
        await app.run()
    booking = await app.booking(job.booking_id)
    await app.services.refunds.refund(
        PaymentId(booking.payment_id),
        by=await app.admin(),
        caller=CALLER,
        amount=Money(10_000),
        reason="Agreed.",
    )
    await app.run()
    await app.confirmed(client, developer, starts_in=30 * HOUR)


async def assert_is_ledger(app: MemoryApp, found: MoneyDays) -> None:
    balances, today = await app.balances(), found.days[-1]
    sums = {
        name: sum(v for account, v in balances.items() if account.startswith(f"{name}:"))
        for name in ("escrow", "clearing", "developer", "withdrawing", "owed")
    }
    assert today.held.amount == sums.pop("escrow")
    assert today.due_out.amount == sum(sums.values())
    assert sum(day.fees.amount for day in found.days) == balances.get(FEES, 0)
    inside = sum(day.gross.amount - day.refunds.amount for day in found.days)
    assert inside == -balances[f"gateway:{app.gateway.name}"]


async def test_the_overview_is_the_ledger_before_and_after_it_is_counted(app: MemoryApp) -> None:
    await some_money(app)
    days = app.services.money_days

    at_once = await days.overview(7)
    await assert_is_ledger(app, at_once)
    app.clock.advance(HOUR)
    await days.count()
    counted = await days.overview(7)
    await assert_is_ledger(app, counted)
    await app.pass_time(9 * DAY)
    await days.count()
    await days.count()
    later = await days.overview(30)

    await assert_is_ledger(app, later)
    assert len(later.days) == 30
    assert later.days[-1].clearing == Money(0)
    assert later.days[-1].ready == counted.days[-1].clearing


async def test_counted_by_several_at_once_each_entry_counts_once(app: MemoryApp) -> None:
    await some_money(app)
    app.clock.advance(2 * DAY)

    await asyncio.gather(*(app.services.money_days.count() for _ in range(5)))
    await app.services.money_days.count()

    await assert_is_ledger(app, await app.services.money_days.overview(7))


async def test_a_site_without_money_has_empty_days(app: MemoryApp) -> None:
    await app.services.money_days.count()

    found = await app.services.money_days.overview(7)

    assert [day.gross for day in found.days] == [Money(0)] * 7
    assert found.as_of == app.clock.now()


async def test_what_is_not_counted_yet_is_read(app: MemoryApp) -> None:
    await some_money(app)
    app.clock.advance(15 * MINUTE)
    await app.services.money_days.count()
    (client, _), developer = await app.client("Second Client"), await app.developer("Second Dev")

    await app.paid(client, developer)

    await assert_is_ledger(app, await app.services.money_days.overview(7))
