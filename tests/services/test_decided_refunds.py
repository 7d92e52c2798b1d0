"""Refunds that an administrator decides: what the preview shows is what is booked, once, by
somebody whose money it is not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.accounts import Account, AccountId
from core.bookings import Booking
from core.bookings import Status as BookingStatus
from core.developers import Developer
from core.errors import Invalid
from core.jobs import Frozen
from core.jobs import Status as JobStatus
from core.money import Money
from core.payments import NotRefundable, Payment, PaymentId, Status
from core.payments_facts import RefundStatus
from core.policy import DAY, HOUR
from core.shares import Shares
from core.transactions import FEES, Line, Transaction
from services.payments import RefundPreview
from services.shared.money_actions import OwnMoney, PreviewOutdated, Told
from tests.app import CALLER, MemoryApp, memory_app

REASON = "Meera was ill, and Ananya agreed."


Lines = dict[str, tuple[Line, ...]]


def lines_of(shown: RefundPreview) -> Lines:
    return {each.id: each.lines for each in (*shown.preview.entries, shown.later)}


class Scene:
    """A released or held payment, and an administrator."""

    def __init__(self, app: MemoryApp, client: Account, developer: Developer, admin: Account):
        self.app, self.client, self.developer, self.admin = app, client, developer, admin
        self.booking: Booking

    async def payment(self) -> Payment:
        return await self.app.store.repositories.payments.get(PaymentId(self.booking.payment_id))

    async def entries(self) -> tuple[Transaction, ...]:
        return await self.app.store.repositories.transactions.of_booking(self.booking.id)

    async def booked_since(self, before: tuple[Transaction, ...]) -> Lines:
        return {each.id: each.lines for each in await self.entries() if each not in before}

    def args(self, paise: int, by: Account | None = None) -> dict[str, Any]:
        by = by or self.admin
        return {"by": by, "caller": CALLER, "amount": Money(paise), "reason": REASON}

    async def preview(self, paise: int, by: Account | None = None) -> RefundPreview:
        payment_id = PaymentId(self.booking.payment_id)
        return await self.app.services.refunds.preview(payment_id, **self.args(paise, by))

    async def refund(
        self, paise: int, expected: str | None = None, by: Account | None = None
    ) -> Payment:
        payment_id = PaymentId(self.booking.payment_id)
        args = self.args(paise, by)
        return await self.app.services.refunds.refund(payment_id, **args, expected=expected)

    async def decisions_of(self, account_id: str) -> list[dict[str, str]]:
        """The refunds decided by an administrator, in the audit trail of an account."""
        page, _ = await self.app.store.repositories.audit.page(account_id, limit=100)
        return [
            {"actor": each.actor, "address": each.address, **each.detail}
            for each in page
            if each.what == "refund_decided"
        ]


async def scene(app: MemoryApp) -> Scene:
    (client, _), developer = await app.client(), await app.developer()
    return Scene(app, client, developer, await app.admin())


async def released(app: MemoryApp) -> Scene:
    here = await scene(app)
    job = await app.delivered(here.client, here.developer, hours=2)
    await app.services.jobs.approve(job.id, by=here.client.id)
    await app.run()
    here.booking = await app.booking(job.booking_id)
    return here


async def held(app: MemoryApp) -> Scene:
    here = await scene(app)
    here.booking = await app.confirmed(here.client, here.developer, hours=2)
    return here


# Who may


async def test_nobody_refunds_their_own_money(app: MemoryApp) -> None:
    here = await released(app)
    before = await here.entries()

    for account_id in (here.client.id, here.developer.account_id):
        party = await app.store.repositories.accounts.get(AccountId(account_id))
        with pytest.raises(OwnMoney):
            await here.preview(100, party)
        with pytest.raises(OwnMoney):
            await here.refund(100, by=party)

    assert await here.entries() == before


async def test_a_refund_is_in_the_audit_trails_of_both_sides_and_of_the_administrator(
    app: MemoryApp,
) -> None:
    here = await released(app)
    await here.refund(97_500)
    await app.run()

    written = {
        "actor": here.admin.id,
        "address": "203.0.113.0/24",
        "booking": here.booking.id,
        "number": here.booking.number,
        "amount": "97500",
        "currency": "INR",
        "reason": REASON,
    }
    for account_id in (here.client.id, here.developer.account_id, here.admin.id):
        assert await here.decisions_of(account_id) == [written]


# What is booked


async def test_released_money_is_taken_from_developer_and_fee_as_it_was_divided(
    app: MemoryApp,
) -> None:
    here = await released(app)
    price, fee_before = here.booking.price, (await app.balances())[FEES]
    paise = price.amount // 4

    await here.refund(paise)
    await app.run()

    payment = await here.payment()
    wallet = await app.services.earnings.wallet(here.developer.id)
    left = Shares.known(here.booking, payment)
    assert (payment.status, payment.refunded) == (Status.REFUNDED, Money(paise))
    assert wallet.balance.clearing == left.earning
    assert (await app.balances())[FEES] == fee_before - (here.booking.fee - left.fee).amount
    assert (await app.balances()).get(f"escrow:{here.booking.id}", 0) == 0
    await app.assert_ledger_balances()


async def test_money_that_has_left_is_owed(app: MemoryApp) -> None:
    here = await released(app)
    await app.pass_time(8 * DAY)
    before = (await app.services.earnings.wallet(here.developer.id)).balance

    await here.refund(here.booking.price.amount)
    await app.run()

    after = (await app.services.earnings.wallet(here.developer.id)).balance
    assert (before.available, after.available) == (here.booking.earning, Money(0))
    assert (await app.balances()).get(FEES, 0) == 0
    await app.assert_ledger_balances()


async def test_refunding_held_money_ends_the_booking_and_releases_the_rest(app: MemoryApp) -> None:
    here = await held(app)
    price = here.booking.price

    await here.refund(100_000)
    await app.run()

    payment, booking = await here.payment(), await app.booking(here.booking.id)
    job = await app.job(booking)
    wallet = await app.services.earnings.wallet(here.developer.id)
    assert (payment.status, payment.refunded) == (Status.REFUNDED, Money(100_000))
    assert (booking.status, booking.reason) == (BookingStatus.CANCELLED, REASON)
    assert job.status is JobStatus.CANCELLED
    rest = price - Money(100_000)
    assert wallet.balance.clearing == rest - rest.percent(10)
    await app.assert_ledger_balances()


async def test_money_in_dispute_is_divided_by_its_settlement_only(app: MemoryApp) -> None:
    here = await held(app)
    job = await app.job(here.booking)
    frozen = job.dispute("dsp_1", now=app.clock.now())
    await app.store.repositories.jobs.save(frozen)

    with pytest.raises(Frozen):
        await here.preview(100)
    with pytest.raises(Frozen):
        await here.refund(100)

    assert (await here.payment()).status is Status.PAID


async def test_both_sides_are_told_with_the_reason(app: MemoryApp) -> None:
    here = await released(app)
    sent = len(app.mailer.sent)

    await here.refund(97_500)
    await app.run()

    mails = {mail.to: mail.text for mail in app.mailer.sent[sent:] if ".refund_decided." in mail.id}
    developer = await app.store.repositories.accounts.get(AccountId(here.developer.account_id))
    assert set(mails) == {here.client.email, developer.email}
    assert all(REASON in text for text in mails.values())


# The two steps


async def test_the_preview_shows_what_is_booked_and_books_nothing(app: MemoryApp) -> None:
    here = await released(app)
    before, told_before = await here.entries(), len(app.mailer.sent)

    shown = await here.preview(97_500)
    await app.run()

    assert await here.entries() == before
    assert (await here.payment()).refunds == ()
    assert len(app.mailer.sent) == told_before
    assert set(shown.preview.told) == {
        Told("refund_decided", here.client.id),
        Told("refund_decided", here.developer.account_id),
    }
    await here.refund(97_500, shown.preview.digest)
    await app.run()
    assert await here.booked_since(before) == lines_of(shown)


@settings(max_examples=10)
@given(parts=st.lists(st.integers(1, 200_000), min_size=1, max_size=5), ended=st.booleans())
def test_every_refund_is_what_its_preview_showed_and_the_parts_never_pass_the_price(
    parts: list[int], ended: bool
) -> None:
    async def story() -> None:
        here = await (released if ended else held)(memory_app())
        price = here.booking.price.amount
        for paise in parts:
            before = await here.entries()
            try:
                shown = await here.preview(paise)
            except (Invalid, NotRefundable):
                with pytest.raises((Invalid, NotRefundable)):
                    await here.refund(paise)
                assert await here.entries() == before
                continue
            await here.refund(paise, shown.preview.digest)
            await here.app.run()
            assert await here.booked_since(before) == lines_of(shown)
            payment = await here.payment()
            shares = Shares.known(here.booking, payment)
            assert shares == shown.after
            wallet = await here.app.services.earnings.wallet(here.developer.id)
            assert payment.refunded.amount <= price
            assert wallet.balance.total == shares.earning
            assert (await here.app.balances()).get(FEES, 0) == shares.fee.amount
            await here.app.assert_ledger_balances()

    asyncio.run(story())


async def test_after_a_change_in_between_nothing_is_done(app: MemoryApp) -> None:
    here = await released(app)
    shown = await here.preview(97_500)
    await here.refund(10_000)
    await app.run()
    before = await here.entries()

    with pytest.raises(PreviewOutdated):
        await here.refund(97_500, shown.preview.digest)

    assert await here.entries() == before
    again = await here.preview(97_500)
    await here.refund(97_500, again.preview.digest)
    assert (await here.payment()).returning == Money(107_500)


async def test_the_preview_is_outdated_when_the_money_has_become_ready(app: MemoryApp) -> None:
    here = await released(app)
    shown = await here.preview(97_500)
    await app.pass_time(8 * DAY)

    with pytest.raises(PreviewOutdated):
        await here.refund(97_500, shown.preview.digest)


async def test_twenty_at_once_refund_once(app: MemoryApp) -> None:
    here = await released(app)
    shown = await here.preview(97_500)

    results = await asyncio.gather(
        *(here.refund(97_500, shown.preview.digest) for _ in range(20)), return_exceptions=True
    )
    await app.run()

    assert sum(isinstance(each, Payment) for each in results) == 1
    assert (await here.payment()).refunded == Money(97_500)
    await app.assert_ledger_balances()


# What cannot be


@pytest.mark.parametrize("paise", [0, -100, 480_001, 10**12])
async def test_other_amounts_are_refused(app: MemoryApp, paise: int) -> None:
    here = await released(app)
    before = await here.entries()

    with pytest.raises(Invalid):
        await here.refund(paise)

    assert await here.entries() == before


async def test_nothing_is_refunded_while_a_refund_is_in_progress(app: MemoryApp) -> None:
    here = await released(app)
    app.gateway.refunds_succeed_at_once = False
    await here.refund(10_000)
    await app.run()

    with pytest.raises(NotRefundable):
        await here.refund(10_000)

    app.gateway.finish_refunds(RefundStatus.SUCCEEDED)
    await app.pass_time(HOUR)
    await here.refund(10_000)


async def test_nothing_is_refunded_later_than_the_provider_can(app: MemoryApp) -> None:
    here = await released(app)
    app.clock.advance(200 * DAY)

    with pytest.raises(NotRefundable, match="180 days"):
        await here.preview(100)


async def test_an_unpaid_booking_has_nothing_to_refund(app: MemoryApp) -> None:
    here = await scene(app)
    here.booking = await app.hold(here.client, here.developer)

    with pytest.raises(NotRefundable):
        await here.preview(100)


async def test_it_needs_a_reason(app: MemoryApp) -> None:
    here = await released(app)

    with pytest.raises(Invalid):
        await app.services.refunds.refund(
            PaymentId(here.booking.payment_id),
            by=here.admin,
            caller=CALLER,
            amount=Money(100),
            reason="  ",
        )
