"""Suspended money goes back to the payer when an administrator decides so: all of it, once."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.accounts import Account, AccountId
from core.bookings import Booking
from core.chargebacks import Status
from core.money import Money
from core.payments import NothingSuspended, Payment, PaymentId
from core.payments_facts import RefundStatus
from core.policy import DAY
from services.payments import Solution, Solving
from services.shared.money_actions import OwnMoney, PreviewOutdated
from tests.app import CALLER, MemoryApp, memory_app
from tests.builders.chargebacks import decide, question

WHY = "You paid ₹1.00 instead of the price."


async def suspended(app: MemoryApp, paise: int = 100) -> tuple[Booking, Account]:
    """A booking whose client has paid another amount, and an administrator."""
    (meera, _), lucia = await app.client(), await app.developer()
    booking = await app.hold(meera, lucia)
    app.gateway.pay(await app.order_of(booking), amount=Money(paise))
    await app.settle(booking)
    await app.run()
    return booking, await app.admin()


async def give_back(
    app: MemoryApp, booking: Booking, admin: Account, *, expected: str | None = None
) -> Payment:
    return await app.services.suspended_money.give_back(
        PaymentId(booking.payment_id), by=admin, caller=CALLER, reason=WHY, expected=expected
    )


async def balances(app: MemoryApp) -> dict[str, int]:
    await app.assert_ledger_balances()
    return {account: amount for account, amount in (await app.balances()).items() if amount}


async def test_it_goes_back_to_the_payer_and_ends_the_review(app: MemoryApp) -> None:
    booking, admin = await suspended(app)

    await give_back(app, booking, admin)
    await app.run()

    payment = await app.payment(booking)
    assert await balances(app) == {}
    assert [(r.amount, r.status, r.suspended) for r in payment.refunds] == [
        (Money(100), RefundStatus.SUCCEEDED, True)
    ]
    assert (payment.refunded, payment.returned, payment.left) == (
        Money(0), Money(0), payment.amount,
    )  # fmt: skip
    assert await app.store.repositories.findings.open() == ()
    await app.settle(booking)
    await app.pass_time(8 * DAY)
    assert await balances(app) == {}, "later reports of the order change nothing"
    pages = await app.services.reconciliation.run()
    assert [finding for page in pages for finding in page.open] == []


async def test_the_client_is_told_and_the_audit_trail_has_the_reason(app: MemoryApp) -> None:
    booking, admin = await suspended(app)

    await give_back(app, booking, admin)
    await app.run()

    for account_id in (booking.client.account_id, admin.id):
        page, _ = await app.store.repositories.audit.page(account_id, limit=50)
        (entry,) = [each for each in page if each.what == "refund_decided"]
        assert (entry.actor, entry.detail["reason"]) == (admin.id, WHY)
        assert entry.detail["amount"] == "100"


async def test_the_preview_is_what_is_done_and_a_repeat_does_nothing_more(app: MemoryApp) -> None:
    booking, admin = await suspended(app)
    service, payment_id = app.services.suspended_money, PaymentId(booking.payment_id)

    shown = await service.preview(payment_id, by=admin, caller=CALLER, reason=WHY)
    with pytest.raises(PreviewOutdated):
        await give_back(app, booking, admin, expected="another")
    await give_back(app, booking, admin, expected=shown.digest)
    with pytest.raises(NothingSuspended):
        await give_back(app, booking, admin, expected=shown.digest)
    await app.run()
    with pytest.raises(NothingSuspended):
        await give_back(app, booking, admin)

    assert [each.notice for each in shown.told] == ["refund_decided"]
    assert len((await app.payment(booking)).refunds) == 1


async def test_parallel_decisions_return_it_once(app: MemoryApp) -> None:
    booking, admin = await suspended(app)

    results = await asyncio.gather(
        *(give_back(app, booking, admin) for _ in range(5)), return_exceptions=True
    )
    await app.run()

    assert sum(isinstance(each, NothingSuspended) for each in results) == 4
    assert await balances(app) == {}


async def test_what_a_bank_gave_back_after_the_booking_had_ended_goes_to_the_payer(
    app: MemoryApp,
) -> None:
    (meera, _), lucia = await app.client(), await app.developer()
    booking, admin = await app.confirmed(meera, lucia), await app.admin()
    reference = await question(app, booking)
    await decide(app, booking, reference, Status.LOST)
    await decide(app, booking, reference, Status.WON)
    before = await balances(app)

    await give_back(app, booking, admin)
    _, found = await app.services.receipts.of_booking(booking.id, by=meera.id)
    await app.run()

    assert found.payment
    assert found.pending == (), "no refund note follows"
    price = booking.price.amount
    assert before == {"gateway:memory": -price, f"suspense:{booking.payment_id}": price}
    assert await balances(app) == {}
    assert (await app.payment(booking)).refunds[-1].status is RefundStatus.SUCCEEDED
    pages = await app.services.reconciliation.run()
    kinds = [finding.kind for page in pages for finding in page.open]
    assert [kind for kind in kinds if "chargeback" not in kind] == []


async def test_parties_decide_nothing_about_their_own_money(app: MemoryApp) -> None:
    booking, _ = await suspended(app)
    meera = await app.store.repositories.accounts.get(AccountId(booking.client.account_id))

    with pytest.raises(OwnMoney):
        await give_back(app, booking, meera)


async def test_what_the_provider_refuses_waits_and_can_be_paid_by_another_way(
    app: MemoryApp,
) -> None:
    booking, admin = await suspended(app)
    app.gateway.refunds_fail = True
    await give_back(app, booking, admin)
    for _ in range(4):
        await app.pass_time(5 * DAY)
    payment = await app.payment(booking)
    (stopped,) = payment.refunds_stopped

    await app.services.stopped_refunds.solve(
        payment.id, stopped.id, by=admin, caller=CALLER,
        solving=Solving.checked(Solution.PAID_OTHERWISE, reason=WHY, reference="UTR 4711"),
    )  # fmt: skip

    assert stopped.suspended
    assert await balances(app) == {"gateway:memory": -100, "paid_otherwise": 100}
    assert not [f for f in await app.store.repositories.findings.open() if "amount" in f.kind]


STEPS = st.lists(
    st.sampled_from(["pay", "give_back", "run", "settle", "fail", "works", "slow", "finish"]),
    min_size=2,
    max_size=10,
)


@settings(max_examples=20, deadline=None)
@given(STEPS, st.integers(1, 900_000))
@example(["give_back", "slow", "run", "finish"], 1)
def test_whatever_happens_no_more_goes_back_than_arrived(steps: list[str], paise: int) -> None:
    asyncio.run(_play(memory_app(), steps, paise))


async def _play(app: MemoryApp, steps: list[str], paise: int) -> None:
    booking, admin = await suspended(app, paise if paise != 480_000 else 1)
    for step in steps:
        match step:
            case "pay":
                app.gateway.pay(await app.order_of(booking), amount=Money(paise))
            case "give_back":
                with suppress(NothingSuspended):
                    await give_back(app, booking, admin)
            case "run":
                await app.run()
            case "settle":
                await app.settle(booking)
            case "fail" | "works":
                app.gateway.refunds_fail = step == "fail"
            case "slow":
                app.gateway.refunds_succeed_at_once = False
            case "finish":  # the books follow when the provider has told it
                app.gateway.finish_refunds()
                await app.settle(booking)
        found = await balances(app)
        kept = found.get(f"suspense:{booking.payment_id}", 0)
        assert kept >= 0
        assert kept == -found.get("gateway:memory", 0)
