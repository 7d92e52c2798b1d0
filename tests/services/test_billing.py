"""Billing details, and the documents that freeze them when they are issued."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

import pytest

from core.accounts import Account
from core.billing import NOBODY, BillingDetails, TaxParty
from core.bookings import Booking
from core.errors import Invalid
from core.gst import ABROAD, Operator
from core.money import Money
from core.numbering import IssuedDocument
from core.outbox import NotDueYet
from core.payments_messages import IssueDocument
from core.policy import HOUR
from core.supplies import Supply
from core.transactions import Kind
from services.billing import BILLING_DETAILS
from services.payments import ISSUED_DOCUMENTS
from tests.app import MemoryApp

ANANYA = TaxParty("Iyer Systems", "1 MG Road", "29", "", "29AAACK4821M1ZA")
KRISHNAN = TaxParty("Krishnan Analytics", "12 FC Road\nPune 411004", "27", "", "27AAPFU0939F1ZV")
BERLIN = TaxParty("Beispiel GmbH", "Hauptstr. 1", ABROAD, "Germany")
HOURS = Operator("Hours Private Limited", "Bengaluru", ANANYA.gstin)
START = timedelta(days=3)


class Parties(NamedTuple):
    client: Account
    developer: str
    """The id of the account."""
    booking: Booking


async def paid(
    app: MemoryApp, supplier: TaxParty | None = ANANYA, recipient: TaxParty | None = KRISHNAN
) -> Parties:
    (meera, _), lucia = await app.client(), await app.developer()
    for account, details in ((lucia.account_id, supplier), (meera.id, recipient)):
        if details:
            await app.services.billing.change(details, by=account)
    booking = await app.confirmed(meera, lucia, starts_in=START)
    await app.run()
    return Parties(meera, lucia.account_id, booking)


async def documents(app: MemoryApp) -> dict[str, IssuedDocument]:
    """By the letter of the series, with the number."""
    found = app.store.repositories.documents(ISSUED_DOCUMENTS).each()
    return {f"{each.number[0]}{int(each.number[-2:])}": each async for each in found}


def parts(supply: Supply | None) -> tuple[int, int, int, int]:
    assert supply
    return supply.taxable.amount, supply.cgst.amount, supply.sgst.amount, supply.igst.amount


async def test_details_are_stored_changed_and_removed(app: MemoryApp) -> None:
    (meera, _), billing = await app.client(), app.services.billing

    none = await billing.details(by=meera.id)
    stored = await billing.change(replace(KRISHNAN, state=""), by=meera.id)
    changed = await billing.change(BERLIN, by=meera.id)
    with pytest.raises(Invalid):
        await billing.change(replace(KRISHNAN, name=""), by=meera.id)
    kept = await billing.details(by=meera.id)
    await billing.change(NOBODY, by=meera.id)
    await billing.change(NOBODY, by=meera.id)

    assert (none, stored, changed, kept) == (NOBODY, KRISHNAN, BERLIN, BERLIN)
    assert await app.store.repositories.documents(BILLING_DETAILS).find(meera.id) is None


async def test_a_receipt_freezes_parties_place_and_tax(app: MemoryApp) -> None:
    parties = await paid(app)

    receipt = (await documents(app))["R1"]
    await app.services.billing.change(NOBODY, by=parties.client.id)

    assert receipt.supply
    assert (receipt.supply.supplier, receipt.supply.recipient) == (ANANYA, KRISHNAN)
    assert (receipt.supply.service_code, receipt.supply.place) == ("998314", "27")
    assert receipt.supply.amount == parties.booking.price
    assert parts(receipt.supply) == (406_780, 0, 0, 73_220)
    assert (await documents(app))["R1"] == receipt


async def test_without_details_a_document_has_neither_parties_nor_tax(app: MemoryApp) -> None:
    await paid(app, None, None)

    receipt = (await documents(app))["R1"]

    assert receipt.supply
    assert (receipt.supply.supplier, receipt.supply.recipient) == (NOBODY, NOBODY)
    assert (receipt.supply.place, receipt.supply.percent) == ("", 0)
    assert parts(receipt.supply) == (480_000, 0, 0, 0)


async def test_refund_and_statement_say_what_the_receipt_says_and_add_up() -> None:
    app = MemoryApp(operator=HOURS)
    parties = await paid(app)
    await app.services.billing.change(BERLIN, by=parties.client.id)
    await app.pass_time(START - 13 * HOUR)
    await app.services.answers.cancel(parties.booking.id, by=parties.client.id)
    await app.run()

    found = await documents(app)
    receipt, note, statement = found["R1"], found["N1"], found["E1"]

    assert receipt.supply and note.supply and statement.supply and statement.fee
    for each in (note, statement):
        assert each.supply
        assert (each.supply.supplier, each.supply.recipient) == (ANANYA, KRISHNAN)
        assert each.supply.amount == Money(240_000)
    whole = zip(parts(note.supply), parts(statement.supply), strict=True)
    assert tuple(sum(each) for each in whole) == parts(receipt.supply)
    assert (receipt.fee, note.fee) == (None, None)
    assert (statement.fee.amount, statement.fee.service_code) == (Money(24_000), "998599")
    assert (statement.fee.supplier.name, statement.fee.recipient) == (HOURS.name, ANANYA)
    assert parts(statement.fee) == (20_338, 1_831, 1_831, 0), "both are in Karnataka"
    assert statement.issuer == statement.fee.supplier


async def test_a_developer_without_a_gstin_charges_no_tax_but_our_fee_has_it() -> None:
    app = MemoryApp(operator=HOURS)
    parties = await paid(app, None, KRISHNAN)
    job = await app.job(parties.booking)
    await app.services.jobs.deliver(job.id, by=parties.developer, note="Done.")
    await app.services.jobs.approve(job.id, by=parties.client.id)
    await app.run()

    statement = (await documents(app))["E1"]

    assert parts(statement.supply) == (480_000, 0, 0, 0)
    assert statement.fee and statement.fee.place == "29"
    assert sum(parts(statement.fee)) == 48_000


async def test_an_export_is_zero_rated(app: MemoryApp) -> None:
    await paid(app, ANANYA, BERLIN)

    supply = (await documents(app))["R1"].supply

    assert supply and supply.is_export
    assert parts(supply) == (480_000, 0, 0, 0)


async def test_a_message_of_an_earlier_version_issues_the_same_document(app: MemoryApp) -> None:
    parties = await paid(app)
    await app.pass_time(START - 13 * HOUR)
    await app.services.answers.cancel(parties.booking.id, by=parties.client.id)
    await app.run()
    before = await documents(app)

    stored = app.store.repositories.documents(ISSUED_DOCUMENTS)
    for each in before.values():
        await stored.remove(each.id)
    for name in ("R1", "E1", "N1"):
        each = before[name]
        series = each.number.rpartition("-")[0]
        old = {"entry": each.id, "booking": each.booking_id, "account": each.account_id}
        await app.services.numbering.issue(IssueDocument.decode({**old, "series": series}))

    after = await documents(app)
    assert [each.supply for each in after.values()] == [each.supply for each in before.values()]
    assert [each.number[-1] for each in after.values()] == ["2", "2", "2"]


async def test_a_document_waits_for_the_number_of_its_receipt(app: MemoryApp) -> None:
    parties = await paid(app)
    receipt = (await documents(app))["R1"]
    await app.store.repositories.documents(ISSUED_DOCUMENTS).remove(receipt.id)
    await app.services.answers.cancel(parties.booking.id, by=parties.developer)
    await app.run()

    waiting = await documents(app)
    ledger = await app.store.repositories.transactions.of_booking(parties.booking.id)
    refund = next(each for each in ledger if each.kind is Kind.REFUND)
    note = {"entry": refund.id, "booking": parties.booking.id, "account": parties.client.id}
    payload = IssueDocument.decode({**note, "series": refund.series})
    with pytest.raises(NotDueYet):
        await app.services.numbering.issue(payload)
    old = {"entry": receipt.id, "booking": receipt.booking_id, "account": receipt.account_id}
    series = receipt.number.rpartition("-")[0]
    await app.services.numbering.issue(IssueDocument.decode({**old, "series": series}))
    await app.pass_time(HOUR)

    assert waiting == {}
    assert set(await documents(app)) == {"R2", "N1"}


async def test_details_are_exported_and_erased_with_the_account(app: MemoryApp) -> None:
    (meera, _), _ = await app.client(), None
    await app.services.billing.change(KRISHNAN, by=meera.id)
    repositories = app.store.repositories

    stored = await repositories.documents(BILLING_DETAILS).find(meera.id)

    assert stored == BillingDetails(meera.id, KRISHNAN)
