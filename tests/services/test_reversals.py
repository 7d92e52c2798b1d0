"""Reversals: what was taken back of an earning after its release has a document of its own."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from core.accounts import Account, AccountId
from core.bookings import Booking
from core.chargebacks import Status
from core.money import Money
from core.numbering import DocumentNumber, IssuedDocument, Series
from core.payments import PaymentId
from core.payments_messages import IssueDocument
from core.policy import HOUR
from core.receipts import Receipts
from core.transactions import Kind
from services.payments import ISSUED_DOCUMENTS
from tests.app import CALLER, MemoryApp, memory_app
from tests.builders.chargebacks import hear
from tests.services.test_billing import ANANYA, HOURS, KRISHNAN, parts

REASON = "Meera was ill, and Ananya agreed."


class Scene(NamedTuple):
    app: MemoryApp
    client: Account
    developer: str
    """The id of the account."""
    booking: Booking

    async def refund(self, paise: int) -> None:
        await self.app.pass_time(HOUR)
        app, payment = self.app, PaymentId(self.booking.payment_id)
        admin = await app.store.repositories.accounts.get(AccountId(await admin_of(app)))
        await app.services.refunds.refund(
            payment, by=admin, caller=CALLER, amount=Money(paise), reason=REASON
        )
        await app.run()

    async def question(self, paise: int) -> str:
        await self.app.pass_time(HOUR)
        reference = self.app.gateway.question(await self.app.order_of(self.booking), Money(paise))
        await hear(self.app, self.booking)
        await self.app.run()
        return reference

    async def decide(self, reference: str, status: Status) -> None:
        await self.app.pass_time(HOUR)
        self.app.gateway.decide(reference, status)
        await hear(self.app, self.booking)
        await self.app.run()

    async def receipts(self) -> Receipts:
        return (await self.app.services.receipts.of_booking(self.booking.id, by=self.developer))[1]

    async def issued(self) -> dict[str, IssuedDocument]:
        found = self.app.store.repositories.documents(ISSUED_DOCUMENTS).each()
        return {each.number: each async for each in found}


async def admin_of(app: MemoryApp) -> str:
    return (await app.admin()).id


async def released(app: MemoryApp, *, tax: bool = False) -> Scene:
    """₹4,800.00, of which ₹480.00 are our fee."""
    (meera, _), lucia = await app.client(), await app.developer()
    if tax:
        await app.services.billing.change(ANANYA, by=lucia.account_id)
        await app.services.billing.change(KRISHNAN, by=meera.id)
    job = await app.delivered(meera, lucia)
    await app.services.jobs.approve(job.id, by=meera.id)
    await app.run()
    return Scene(app, meera, lucia.account_id, await app.booking(job.booking_id))


async def test_a_refund_after_the_release_reverses_the_earning_by_a_document(
    app: MemoryApp,
) -> None:
    here = await released(app)

    await here.refund(100_000)
    found = await here.receipts()

    (reversal,) = found.reversals
    assert (reversal.number, reversal.at) == (DocumentNumber("V-2026-000001"), app.clock.now())
    assert (reversal.reversal.earning, reversal.reversal.fee) == (Money(90_000), Money(10_000))
    assert reversal.reversal.earning_before == Money(432_000)
    assert not reversal.reversal.lost
    assert found.earning
    assert found.earning.shares.earning == Money(432_000), "the statement stays as it was"
    document = (await here.issued())["V-2026-000001"]
    assert (document.account_id, document.booking_id) == (here.developer, here.booking.id)


async def test_a_reversal_is_being_issued_for_a_moment_and_repeated_messages_change_nothing(
    app: MemoryApp,
) -> None:
    here = await released(app)
    admin = await app.admin()

    await app.services.refunds.refund(
        PaymentId(here.booking.payment_id),
        by=admin, caller=CALLER, amount=Money(100_000), reason=REASON,
    )  # fmt: skip
    waiting = await here.receipts()
    await app.run()
    issued = await here.issued()
    document = issued["V-2026-000001"]
    series = document.number.rpartition("-")[0]
    again = {
        "entry": document.id,
        "booking": here.booking.id,
        "account": here.developer,
        "series": series,
    }
    await app.services.numbering.issue(IssueDocument.decode(again))

    assert waiting.issuing == (Series.REVERSAL,)
    assert waiting.reversals == ()
    assert await here.issued() == issued


async def test_reversals_of_everything_give_back_exactly_the_tax_of_the_statement() -> None:
    app = MemoryApp(operator=HOURS)
    here = await released(app, tax=True)

    for paise in (100_001, 33_333, 346_666):
        await here.refund(paise)

    issued = await here.issued()
    statement = issued["E-2026-000001"]
    reversals = [issued[f"V-2026-00000{n}"] for n in (1, 2, 3)]
    for of in ("supply", "fee"):
        whole = parts(getattr(statement, of))
        given_back = [parts(getattr(each, of)) for each in reversals]
        assert tuple(map(sum, zip(*given_back, strict=True))) == whole
    assert reversals[0].supply
    assert reversals[0].supply.amount == Money(100_001)
    assert reversals[0].supply.recipient == KRISHNAN


async def test_questioned_money_is_set_aside_without_a_document_until_it_is_lost(
    app: MemoryApp,
) -> None:
    here = await released(app)

    reference = await here.question(480_000)
    open_ = await here.receipts()
    await here.decide(reference, Status.LOST)
    lost = await here.receipts()

    assert (open_.reversals, open_.issuing) == ((), ())
    (reversal,) = lost.reversals
    assert (reversal.reversal.earning, reversal.reversal.fee) == (Money(432_000), Money(48_000))
    assert reversal.reversal.lost
    assert reversal.reversal.entry.kind is Kind.CHARGEBACK_LOST


async def test_a_loss_that_the_bank_decides_anew_withdraws_the_reversal(app: MemoryApp) -> None:
    here = await released(app)
    reference = await here.question(480_000)
    await here.decide(reference, Status.LOST)

    await here.decide(reference, Status.WON)
    won = await here.receipts()
    await here.refund(100_000)
    refunded = await here.receipts()

    (withdrawn,) = won.reversals
    assert withdrawn.reversal.withdrawn_at == app.clock.now() - HOUR
    assert [each.number for each in refunded.reversals] == ["V-2026-000001", "V-2026-000002"]
    assert refunded.reversals[1].reversal.earning_before == Money(432_000)


async def test_money_that_was_still_held_has_no_reversal(app: MemoryApp) -> None:
    (meera, _), lucia = await app.client(), await app.developer()
    booking = await app.confirmed(meera, lucia)
    here = Scene(app, meera, lucia.account_id, booking)

    reference = await here.question(480_000)
    await here.decide(reference, Status.LOST)

    assert not [number for number in await here.issued() if number.startswith("V")]


@settings(max_examples=8, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("refund"), st.integers(1, 480_000)),
            st.tuples(st.sampled_from(["lost", "won", "anew"]), st.integers(1, 480_000)),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_statement_less_reversals_is_what_the_developer_has(
    steps: list[tuple[str, int]],
) -> None:
    asyncio.run(follow(memory_app(), steps))


async def follow(app: MemoryApp, steps: list[tuple[str, int]]) -> None:
    here = await released(app)
    for what, paise in steps:
        left = (await app.payment(here.booking)).left
        if paise > left.amount:
            continue
        if what == "refund" and (await app.payment(here.booking)).charged_back:
            continue  # the bank divides it
        if what == "refund":
            await here.refund(paise)
            continue
        reference = await here.question(paise)
        if what != "won":
            await here.decide(reference, Status.LOST)
        if what != "lost":
            await here.decide(reference, Status.WON)

    found = await here.receipts()
    balance = (
        await app.services.earnings.wallet((await app.booking(here.booking.id)).developer.id)
    ).balance

    standing = [r.reversal for r in found.reversals if r.reversal.withdrawn_at is None]
    assert found.earning
    taken = sum((each.earning for each in standing), Money(0))
    assert found.earning.shares.earning - taken == balance.total
    returned = (await app.payment(here.booking)).returned
    assert sum((each.amount for each in standing), Money(0)) == returned
