"""The page of the receipts, and where it is linked."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any

from pypdf import PdfReader
from quart import Quart, Response

from core.accounts import Account, AccountId
from core.billing import TaxParty
from core.bookings import Booking
from core.chargebacks import Status
from core.developers import Developer
from core.gst import Operator
from core.money import Money
from core.payments import PaymentId
from core.policy import HOUR
from services.payments import ISSUED_DOCUMENTS
from tests.app import CALLER, MemoryApp
from tests.builders.chargebacks import decide, question
from tests.web.site import Browser, app_of

LATE = timedelta(hours=13)


async def browser_of(app: MemoryApp, account: Account, quart_app: Quart | None = None) -> Browser:
    """Logged in, with the second factor."""
    browser = Browser(quart_app or app_of(app))
    await browser.look("/login")
    await browser.log_in(account)
    if account.factor:
        await app.run()
        form = {"code": app.code_for(account.email), "csrf_token": browser.token}
        await browser.ask("POST", "/login/code", form=form)
    return browser


async def sides(app: MemoryApp) -> tuple[Account, Account, Booking]:
    """Client and developer of a confirmed booking in three days."""
    (meera, _), profile = await app.client(), await app.developer()
    booking = await app.confirmed(meera, profile)
    lucia = await app.store.repositories.accounts.get(AccountId(profile.account_id))
    return meera, lucia, booking


async def text_of(browser: Browser, path: str) -> str:
    page, html = await browser.look(path)
    assert page.status_code == 200, path
    main = html.partition("<main")[2].partition("</main>")[0]
    words = re.sub(r"<[^>]*>", " ", main)
    return " ".join(unescape(words).replace("\N{NO-BREAK SPACE}", " ").split())


async def test_a_client_sees_the_receipt_of_a_paid_booking(app: MemoryApp) -> None:
    meera, lucia, booking = await sides(app)
    receipt = f"/bookings/{booking.id}/receipt"
    client, developer = await browser_of(app, meera), await browser_of(app, lucia)

    text = await text_of(client, receipt)
    _, page = await client.look(f"/bookings/{booking.id}")
    _, other_page = await developer.look(f"/bookings/{booking.id}")
    refused = await developer.ask("GET", receipt)

    assert "Number R-2026-000001 Date Mon 23 Nov 2026, 11:30 IST" in text
    assert "Work by Lucía Fernández Developer Paid by Meera Krishnan Client" in text
    assert "2 ₹2,400.00 ₹4,800.00" in text
    assert "Paid with UPI Provider Memory Reference pay1 Paid ₹4,800.00" in text
    assert "Receipt (PDF)" in text
    assert f'href="{receipt}"' in page
    assert f'href="{receipt}"' not in other_page, "nothing is released yet"
    assert refused.status_code == 404


async def test_a_partial_refund_is_a_note_for_the_client_and_a_statement_for_the_developer(
    app: MemoryApp,
) -> None:
    meera, lucia, booking = await sides(app)
    await app.pass_time(timedelta(days=3) - LATE)
    await app.services.answers.cancel(booking.id, by=meera.id)
    await app.run()
    receipt = f"/bookings/{booking.id}/receipt"
    client, developer = await browser_of(app, meera), await browser_of(app, lucia)

    note, statement = await text_of(client, receipt), await text_of(developer, receipt)
    _, page = await developer.look(f"/bookings/{booking.id}")

    assert "Refunded, N-2026-000001 −₹2,400.00 Paid after refunds ₹2,400.00" in note
    assert "Refund note For receipt R-2026-000001 Number N-2026-000001" in note
    assert "Why You cancelled on Wed 25 Nov 2026, 22:30 IST, 13 h 00 min before the start." in note
    assert "Paid ₹4,800.00 Kept by the terms −₹2,400.00 Refunded ₹2,400.00" in note
    assert "Banks show it within a few working days." in note
    assert "Number E-2026-000001" in statement
    assert "Because Meera cancelled on Wed 25 Nov 2026, 22:30 IST" in statement
    assert (
        "Paid by Meera ₹4,800.00 Refunded to Meera −₹2,400.00 Our fee, 10 % −₹240.00 "
        "For you ₹2,160.00" in statement
    )
    assert "R-2026" not in statement, "the receipt is the client's"
    assert f'href="{receipt}"' in page


async def test_each_document_is_a_pdf_with_the_words_of_the_page(app: MemoryApp) -> None:
    (meera, _), profile = await app.client("अनन्या Krishnan"), await app.developer()
    booking = await app.confirmed(meera, profile)
    lucia = await app.store.repositories.accounts.get(AccountId(profile.account_id))
    await app.pass_time(timedelta(days=3) - LATE)
    await app.services.answers.cancel(booking.id, by=meera.id)
    await app.run()
    client, developer = await browser_of(app, meera), await browser_of(app, lucia)
    path = f"/bookings/{booking.id}/receipt.pdf"

    receipt = await words_of(await client.ask("GET", path))
    note = await words_of(await client.ask("GET", f"{path}?number=N-2026-000001"))
    statement = await words_of(await developer.ask("GET", path))
    foreign = await developer.ask("GET", f"{path}?number=R-2026-000001")

    assert "Number R-2026-000001 Date Mon 23 Nov 2026, 11:30 IST" in receipt
    assert "Work by Lucía Fernández Developer Paid by अनन्या Krishnan Client" in receipt
    assert "2 ₹2,400.00 ₹4,800.00" in receipt
    assert "Rupees four thousand eight hundred only" in receipt
    assert "Refund note For receipt R-2026-000001 Number N-2026-000001" in note
    assert "Paid ₹4,800.00 Kept by the terms −₹2,400.00 Refunded ₹2,400.00" in note
    assert "Our fee, 10 % −₹240.00 For you ₹2,160.00" in statement
    assert foreign.status_code == 404


async def test_documents_name_the_operator_with_its_tax_number() -> None:
    """As it was when they were issued."""
    operator = Operator("Hours Private Limited", "12th Main, Pune", "27AAPFU0939F1ZV", "998313")
    app = MemoryApp(operator=operator)
    meera, _, booking = await sides(app)
    await app.run()
    browser = await browser_of(app, meera)

    page = await text_of(browser, f"/bookings/{booking.id}/receipt")
    file = await words_of(await browser.ask("GET", f"/bookings/{booking.id}/receipt.pdf"))

    for words in (page, file):
        assert (
            "Issued by Hours Private Limited 12th Main, Pune Maharashtra (27), India "
            "GSTIN 27AAPFU0939F1ZV" in words
        )
        assert "SAC 998313" in words


ANANYA = TaxParty("Iyer Systems", "1 MG Road\nBengaluru", "29", "", "29AAACK4821M1ZA")
KRISHNAN = TaxParty("Krishnan Analytics", "12 FC Road, Pune", "27", "", "27AAPFU0939F1ZV")


async def test_documents_of_registered_parties_say_whose_supply_they_are_and_the_tax() -> None:
    app = MemoryApp(operator=Operator("Hours Private Limited", "Bengaluru", ANANYA.gstin))
    (meera, _), profile = await app.client(), await app.developer()
    for account, details in ((profile.account_id, ANANYA), (meera.id, KRISHNAN)):
        await app.services.billing.change(details, by=account)
    booking = await app.confirmed(meera, profile)
    lucia = await app.store.repositories.accounts.get(AccountId(profile.account_id))
    await app.pass_time(timedelta(days=3) - LATE)
    await app.services.answers.cancel(booking.id, by=meera.id)
    await app.run()
    client, developer = await browser_of(app, meera), await browser_of(app, lucia)
    path = f"/bookings/{booking.id}/receipt"

    page, statement = await text_of(client, path), await text_of(developer, path)
    files = [
        await words_of(await client.ask("GET", f"{path}.pdf?number={number}"))
        for number in ("R-2026-000001", "N-2026-000001")
    ]

    parties = (
        "Lucía Fernández Iyer Systems 1 MG Road Bengaluru Karnataka (29), India "
        "GSTIN 29AAACK4821M1ZA",
        "Meera Krishnan Krishnan Analytics 12 FC Road, Pune Maharashtra (27), India "
        "GSTIN 27AAPFU0939F1ZV",
    )
    for words in (page, statement):
        assert all(each in words for each in parties)
        assert "Place of supply Maharashtra (27)" in words
    for words in (page, files[0]):
        assert "Taxable value ₹4,067.80 IGST 18 % ₹732.20 Paid ₹4,800.00" in words
        assert "Not a tax invoice" in words
    for words in (page, files[1]):
        assert (
            "Refunded ₹2,400.00 Taxable value of the refund ₹2,033.90 "
            "IGST 18 % of the refund ₹366.10" in words
        )
    assert (
        "For you ₹2,160.00 Taxable value of your work ₹2,033.90 IGST 18 % of your work ₹366.10 "
        "Taxable value of our fee ₹203.38 CGST 9 % of our fee ₹18.31 "
        "SGST 9 % of our fee ₹18.31" in statement
    )
    assert "Our fee SAC 998599, supplied in Karnataka (29)" in statement


async def test_a_document_of_an_earlier_version_is_as_it_was(app: MemoryApp) -> None:
    meera, _, booking = await sides(app)
    await app.run()
    browser, path = await browser_of(app, meera), f"/bookings/{booking.id}/receipt"
    issued = app.store.repositories.documents(ISSUED_DOCUMENTS)
    (found,) = [each async for each in issued.each()]

    now = await text_of(browser, path)
    await issued.save(replace(found, issuer=None, supply=None, fee=None))

    assert await text_of(browser, path) == now
    assert "SAC 998314" in now
    assert not {"GST", "Taxable", "Place of supply"} & set(now.split("SAC")[1].split())


async def words_of(answer: Response) -> str:
    assert answer.content_type == "application/pdf"
    pages = PdfReader(io.BytesIO(await answer.get_data(as_text=False))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


async def test_a_refund_that_is_not_confirmed_is_announced(app: MemoryApp) -> None:
    app.gateway.refunds_succeed_at_once = False
    meera, lucia, booking = await sides(app)
    await app.services.answers.cancel(booking.id, by=lucia.id)
    await app.run()

    text = await text_of(await browser_of(app, meera), f"/bookings/{booking.id}/receipt")

    assert "Refund not confirmed yet Refund in progress ₹4,800.00 is being refunded to you." in text
    assert "Refund note For" not in text


async def test_the_api_names_method_refunds_and_receipt(app: MemoryApp) -> None:
    meera, lucia, booking = await sides(app)
    path = f"/api/v1/payments/{booking.payment_id}"
    client, developer = await browser_of(app, meera), await browser_of(app, lucia)

    before = [await payment(each, path) for each in (client, developer)]
    await app.pass_time(timedelta(days=3) - LATE)
    await app.services.answers.cancel(booking.id, by=meera.id)
    await app.run()
    after = [await payment(each, path) for each in (client, developer)]

    receipt = f"/bookings/{booking.id}/receipt"
    assert [each["receipt_url"] for each in before] == [receipt, None]
    assert [each["receipt_url"] for each in after] == [receipt, receipt]
    assert before[0]["attempts"][0]["method"] == "upi"
    assert before[0]["refunds"] == []
    refunds = (await app.payment(booking)).refunds
    assert after[0]["refunds"] == [
        {
            "id": refunds[0].id,
            "amount": {"amount": 240_000, "currency": "INR"},
            "status": "succeeded",
        }
    ]
    listed = await payment(client, "/api/v1/payments")
    assert [each["receipt_url"] for each in listed["items"]] == [receipt]


async def payment(browser: Browser, path: str) -> Any:
    return await (await browser.ask("GET", path)).get_json()


async def test_a_name_of_markup_stays_text_on_a_receipt(app: MemoryApp) -> None:
    (meera, _), profile = await app.client("Meera <b>Krishnan"), await app.developer()
    booking = await app.paid(meera, profile)
    await app.pass_time(HOUR)

    _, html = await (await browser_of(app, meera)).look(f"/bookings/{booking.id}/receipt")

    assert "Meera &lt;b&gt;Krishnan" in html


async def test_a_cancellation_that_was_not_contested_is_told_with_its_own_time(
    app: MemoryApp,
) -> None:
    meera, lucia, booking = await sides(app)
    job = await app.job(booking)
    await app.services.jobs.deliver(job.id, by=lucia.id, note="Done.")
    await app.pass_time(booking.start - LATE - app.clock.now())
    await app.services.answers.cancel(booking.id, by=meera.id, reason="I am ill.")
    await app.pass_time(timedelta(days=2))

    text = await text_of(await browser_of(app, meera), f"/bookings/{booking.id}/receipt")

    assert "You cancelled on Wed 25 Nov 2026, 22:30 IST, 13 h 00 min before the start." in text


async def test_what_is_taken_back_of_an_earning_is_a_reversal_that_names_the_statement() -> None:
    app = MemoryApp(operator=Operator("Hours Private Limited", "Bengaluru", ANANYA.gstin))
    (meera, _), profile = await app.client(), await app.developer()
    for account, details in ((profile.account_id, ANANYA), (meera.id, KRISHNAN)):
        await app.services.billing.change(details, by=account)
    job = await app.delivered(meera, profile)
    await app.services.jobs.approve(job.id, by=meera.id)
    booking, admin = await app.booking(job.booking_id), await app.admin()
    await app.pass_time(HOUR)
    for paise in (118_000, booking.price.amount - 118_000):
        await app.services.refunds.refund(
            PaymentId(booking.payment_id),
            by=admin, caller=CALLER, amount=Money(paise), reason="Meera was ill.",
        )  # fmt: skip
        await app.run()
    lucia = await app.store.repositories.accounts.get(AccountId(profile.account_id))
    browser, path = await browser_of(app, lucia), f"/bookings/{booking.id}/receipt"

    page = await text_of(browser, path)
    file = await words_of(await browser.ask("GET", f"{path}.pdf?number=V-2026-000001"))
    _, shown = await browser.look(f"/bookings/{booking.id}")
    wallet, csv = (
        await text_of(browser, "/wallet"),
        await browser.ask("GET", "/wallet/statement.csv"),
    )
    listed = await payment(browser, f"/api/v1/payments/{booking.payment_id}")

    assert "Meera Krishnan Statement of your earning and what corrects it" in page
    for words in (page, file):
        assert (
            "Earning reversal Corrects the statement of earning E-2026-000001 "
            "Number V-2026-000001" in words
        )
        assert "Why Refunded to Meera after the release. Meera was ill." in words
        assert (
            "Your earning until then ₹4,320.00 Returned to Meera −₹1,180.00 "
            "Our fee of it, given back to you ₹118.00 Taken back from you ₹1,062.00 "
            "Your earning after it ₹3,258.00 Taxable value of your work ₹1,000.00 "
            "IGST 18 % of your work ₹180.00 Taxable value of our fee ₹100.00 "
            "CGST 9 % of our fee ₹9.00 SGST 9 % of our fee ₹9.00" in words
        )
        assert "Place of supply Maharashtra (27)" in words
        assert "Rupees one thousand sixty-two only" in words
    assert f'href="{path}"' in shown, "also when all of it was refunded"
    assert listed["receipt_url"] == path
    assert "V-2026-000001" in wallet
    assert ",V-2026-000001,-106200,0,0,0,INR,Krishnan Analytics,998314," in await csv.get_data(True)
    assert ",-100000,0,0,-18000,-11800," in await csv.get_data(True)


async def test_a_lost_chargeback_has_a_reversal_and_a_line_in_the_wallet(app: MemoryApp) -> None:
    (meera, _), profile = await app.client(), await app.developer()
    job = await app.delivered(meera, profile)
    await app.services.jobs.approve(job.id, by=meera.id)
    booking = await app.booking(job.booking_id)
    reference = await question(app, booking)
    await decide(app, booking, reference, Status.LOST)
    lucia = await app.store.repositories.accounts.get(AccountId(profile.account_id))
    browser = await browser_of(app, lucia)

    page = await text_of(browser, f"/bookings/{booking.id}/receipt")
    wallet = await text_of(browser, "/wallet")

    assert (
        "Why Meera's bank questioned the payment after the release, and decided for Meera." in page
    )
    assert "Returned to Meera's bank −₹4,800.00" in page
    assert "Lost, Meera Krishnan The bank has decided for the client." in wallet
    assert "V-2026-000001" in wallet


async def test_what_is_missing_of_the_own_details_is_said_with_a_link(app: MemoryApp) -> None:
    meera, lucia, booking = await sides(app)
    await app.services.billing.change(replace(KRISHNAN, gstin=""), by=meera.id)
    later = await app.hold(meera, await profile_of(app, lucia), starts_in=timedelta(days=6))
    client = await browser_of(app, meera)
    _, first = await client.look(f"/bookings/{booking.id}/receipt")
    _, held = await client.look(f"/bookings/{later.id}")
    await app.pay(later)
    await app.settle(later)
    await app.run()
    second = await text_of(client, f"/bookings/{later.id}/receipt")

    assert "These documents name you without an address and a GSTIN." in first
    assert "These documents name you without a GSTIN." in second
    for html in (first, held):
        assert 'href="/account/billing"' in html.partition("<main")[2]
    assert "Your company and GSTIN for the receipt" in held


async def profile_of(app: MemoryApp, account: Account) -> Developer:
    found = await app.store.repositories.developers.find_by_account(account.id)
    assert found
    return found
