"""Receipts: numbers, dates and amounts that follow from the ledger, each for one side."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.accounts import Account
from core.bookings import Booking
from core.errors import NotFound
from core.money import Money
from core.numbering import DocumentNumber, IssuedDocument, Series
from core.payments_facts import RefundStatus
from core.policy import HOUR
from core.receipts import EarningStatement, Receipt, Receipts, RefundNote
from core.shares import Shares
from services.payments import ISSUED_DOCUMENTS
from services.payments.receipts import NoReceipt
from tests.app import MONDAY, MemoryApp

START = timedelta(days=3)


async def receipts(app: MemoryApp, booking: Booking, by: str) -> Receipts:
    """After the documents were issued."""
    await app.run()
    return (await app.services.receipts.of_booking(booking.id, by=by))[1]


async def document(app: MemoryApp, number: str) -> IssuedDocument:
    """The one that is stored."""
    found = await app.store.repositories.documents(ISSUED_DOCUMENTS).find_one(number=number)
    assert found
    return found


async def cancelled_late(app: MemoryApp) -> tuple[Account, str, Booking]:
    """Cancelled by the client 13 hours before the start: half is refunded."""
    (meera, _), lucia = await app.client(), await app.developer()
    booking = await app.confirmed(meera, lucia, starts_in=START)
    await app.pass_time(START - 13 * HOUR)
    await app.services.answers.cancel(booking.id, by=meera.id)
    await app.run()
    return meera, lucia.account_id, booking


async def test_the_client_gets_a_receipt_with_the_date_and_reference_of_the_payment(
    app: MemoryApp,
) -> None:
    (meera, _), lucia = await app.client(), await app.developer()
    booking = await app.paid(meera, lucia)
    captured = (await app.payment(booking)).captured

    found = await receipts(app, booking, meera.id)

    assert captured
    number = DocumentNumber("R-2026-000001")
    stored = await document(app, number)
    assert found == Receipts(
        payment=Receipt(number, MONDAY, Money(480_000), captured, document=stored)
    )


async def test_a_receipt_is_being_issued_for_a_moment(app: MemoryApp) -> None:
    (meera, _), lucia = await app.client(), await app.developer()
    booking = await app.hold(meera, lucia)
    await app.pay(booking)
    await app.settle(booking)

    details, found = await app.services.receipts.of_booking(booking.id, by=meera.id)

    assert found == Receipts(issuing=(Series.RECEIPT,))
    assert details.payment.captured
    assert (await receipts(app, booking, meera.id)).payment


async def test_a_partial_refund_has_a_note_and_the_developer_a_statement(app: MemoryApp) -> None:
    meera, lucia, booking = await cancelled_late(app)
    refund = (await app.payment(booking)).refunds[0]
    at = app.clock.now()

    client = await receipts(app, booking, meera.id)
    developer = await receipts(app, booking, lucia)

    assert client.payment
    assert client.payment.at == MONDAY
    note = RefundNote(
        DocumentNumber("N-2026-000001"),
        at,
        amount=Money(240_000),
        kept=Money(240_000),
        reference=refund.id,
        document=await document(app, "N-2026-000001"),
    )
    assert (client.refunds, client.pending, client.earning) == ((note,), (), None)
    shares = Shares(Money(480_000), Money(240_000), Money(24_000))
    stored = await document(app, "E-2026-000001")
    statement = EarningStatement(DocumentNumber("E-2026-000001"), at, shares, document=stored)
    assert developer == Receipts(earning=statement)
    assert (shares.released, shares.earning) == (Money(240_000), Money(216_000))


async def test_the_statement_of_an_approved_booking_divides_the_whole_price(app: MemoryApp) -> None:
    (meera, _), lucia = await app.client(), await app.developer()
    job = await app.delivered(meera, lucia)
    await app.pass_time(HOUR)
    await app.services.jobs.approve(job.id, by=meera.id)

    booking = await app.booking(job.booking_id)
    found = await receipts(app, booking, lucia.account_id)

    assert found.earning
    assert found.earning.at == app.clock.now()
    assert found.earning.shares == Shares(Money(480_000), Money(0), Money(48_000))


async def test_a_refund_that_is_not_confirmed_has_no_note_yet(app: MemoryApp) -> None:
    app.gateway.refunds_succeed_at_once = False
    (meera, _), lucia = await app.client(), await app.developer()
    booking = await app.paid(meera, lucia)
    await app.services.answers.decline(booking.id, by=lucia.account_id)
    await app.run()

    waiting = await receipts(app, booking, meera.id)
    app.gateway.finish_refunds()
    await app.settle(booking)
    confirmed = await receipts(app, booking, meera.id)

    assert waiting.refunds == ()
    assert [refund.amount for refund in waiting.pending] == [Money(480_000)]
    assert [note.number for note in confirmed.refunds] == ["N-2026-000001"]
    assert confirmed.refunds[0].kept == Money(0)
    assert confirmed.pending == ()


async def test_a_refund_that_the_provider_refused_has_no_note_and_uses_no_number(
    app: MemoryApp,
) -> None:
    app.gateway.refunds_succeed_at_once = False
    (meera, _), lucia = await app.client(), await app.developer()
    booking = await app.paid(meera, lucia)
    await app.services.answers.decline(booking.id, by=lucia.account_id)
    await app.run()

    app.gateway.finish_refunds(RefundStatus.FAILED)
    await app.settle(booking)
    await app.pass_time(HOUR)
    app.gateway.finish_refunds()
    await app.settle(booking)

    notes = (await receipts(app, booking, meera.id)).refunds
    assert [(note.number, note.amount) for note in notes] == [("N-2026-000001", Money(480_000))]


async def test_a_payment_that_came_too_late_has_a_receipt_and_a_note(app: MemoryApp) -> None:
    (meera, _), lucia = await app.client(), await app.developer()
    booking = await app.hold(meera, lucia)
    await app.services.bookings.release(booking.id, by=meera.id)
    await app.pay(booking)
    await app.settle(booking)
    await app.run()

    found = await receipts(app, booking, meera.id)

    assert found.payment
    assert [note.amount for note in found.refunds] == [found.payment.amount]
    with pytest.raises(NoReceipt):
        await receipts(app, booking, lucia.account_id)


async def test_without_a_payment_there_is_no_receipt_and_strangers_see_none(
    app: MemoryApp,
) -> None:
    (meera, _), lucia = await app.client(), await app.developer()
    nina, _ = await app.client("Nina Rao")
    held = await app.hold(meera, lucia)
    paid = await app.paid(meera, lucia, starts_in=timedelta(days=5))

    with pytest.raises(NoReceipt):
        await receipts(app, held, meera.id)
    with pytest.raises(NoReceipt):
        await receipts(app, paid, lucia.account_id)
    with pytest.raises(NotFound):
        await receipts(app, paid, nina.id)
