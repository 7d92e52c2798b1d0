"""The wallet: its amounts are the sums of the ledger, every movement is explained, and the
statement is safe to open."""

from __future__ import annotations

import csv
import io
import re
from html import unescape

import pytest

from core.accounts import Account, AccountId
from core.billing import TaxParty
from core.bookings import Booking
from core.developers import Developer
from core.earnings import Balance
from core.gst import Operator
from core.money import Money
from core.policy import DAY, HOUR
from core.transactions import (
    Kind,
    Transaction,
    TransactionId,
    earnings,
    escrow,
    movement,
    withdrawing,
)
from services.payments.earnings import post
from tests.app import MemoryApp
from tests.web.payments.test_receipts import browser_of, text_of, words_of
from tests.web.site import Browser

EARNING = 432_000
PRICE = 480_000


async def released(app: MemoryApp, developer: Developer, number: int) -> Booking:
    client, _ = await app.client(f"Client {'ABCDEFG'[number]}")
    job = await app.delivered(client, developer, starts_in=(6 + 3 * number) * HOUR)
    await app.services.jobs.approve(job.id, by=client.id)
    return await app.booking(job.booking_id)


async def lucia(app: MemoryApp) -> tuple[Developer, Account, Browser]:
    developer = await app.developer()
    account = await app.store.repositories.accounts.get(AccountId(developer.account_id))
    return developer, account, await browser_of(app, account)


async def withdraw_all(app: MemoryApp, developer: Developer, amount: Money) -> None:
    lines = movement(amount, source=earnings(developer.id), target=withdrawing(developer.id))
    entry = Transaction(
        TransactionId("withdraw:1"), Kind.WITHDRAW, app.clock.now(), lines, "Withdrawal",
        developer_id=developer.id,
    )  # fmt: skip
    await app.store.transact(lambda repositories: post(repositories, developer.id, entry))


async def ledger(app: MemoryApp, developer: Developer) -> Balance:
    """By the lines of all entries, not by the running balance."""
    entries = [entry async for entry in app.store.repositories.transactions.all()]
    lines = [line for entry in entries for line in entry.lines]
    return Balance.empty(developer.id, "INR").apply(lines)


def rupees(app: MemoryApp, amount: Money) -> str:
    return app.formats.in_locale("en").money(amount)


async def test_held_clearing_and_ready_are_the_sums_of_the_ledger(app: MemoryApp) -> None:
    developer, _, browser = await lucia(app)
    await released(app, developer, 0)
    await app.pass_time(8 * DAY)
    await released(app, developer, 1)
    client, _ = await app.client("Held Client")
    held = await app.confirmed(client, developer, starts_in=3 * DAY)

    text = await text_of(browser, "/wallet")
    api = await (await browser.ask("GET", "/api/v1/wallet")).get_json()

    sums = await ledger(app, developer)
    amounts = {name: part["amount"] for name, part in api.items() if name != "upcoming"}
    assert amounts == {
        "held": held.earning.amount,
        "clearing": sums.clearing.amount,
        "available": sums.ready.amount,
        "withdrawing": 0,
        "owed": 0,
    }
    assert [(each["amount"]["amount"], each["at"]) for each in api["upcoming"]] == [
        (EARNING, "2026-12-08T06:00:00Z")
    ]
    assert (sums.clearing.amount, sums.ready.amount) == (EARNING, EARNING)
    assert f"Held {rupees(app, held.earning)} 1 booking, until clients approve" in text
    assert f"Clearing {rupees(app, sums.clearing)} 1 booking" in text
    assert f"Ready {rupees(app, sums.ready)} yours to withdraw" in text
    assert f"Yours in all, after the fee {rupees(app, sums.total + held.earning)}" in text
    assert "₹4,320.00 becomes ready" in text
    assert "₹4,320.00 is refunded unless you act" in text
    assert "Released, Client B ₹4,800.00 of 2 hours, less the fee of ₹480.00. E-2026-000002" in text
    assert "Ready to withdraw, Client A The clearing time after the release is over." in text
    assert "₹8,640.00 in eight weeks" in text
    assert "Eight weeks 4 ₹8,640.00" in text


async def test_a_refund_after_the_money_was_withdrawn_is_shown_below_zero_with_its_reason(
    app: MemoryApp,
) -> None:
    developer, _, browser = await lucia(app)
    first = await released(app, developer, 0)
    await app.pass_time(8 * DAY)
    await withdraw_all(app, developer, Money(EARNING))
    await app.store.transact(
        lambda repositories: app.services.earnings.take_back(
            repositories, first, Money(EARNING), to=escrow(first.id), fact="rfd_1"
        )
    )
    before = await text_of(browser, "/wallet")
    await released(app, developer, 1)
    after = await text_of(browser, "/wallet")

    assert (await ledger(app, developer)).ready == Money(-EARNING)
    assert "Ready to withdraw −₹4,320.00 Owed" in before
    assert "₹4,320.00 was refunded to clients after you had withdrawn it." in before
    assert "Taken back, Client A: −₹4,320.00" in before
    assert re.search(r"not in your bank yet \( ?withdrawals ?\) ₹4,320.00", before)
    assert "Refunded to the client after the release. ₹4,320.00 of it is owed." in before
    assert "Now −₹4,320.00" in after
    assert "Then ready ₹0.00" in after


async def test_movements_are_paged_by_key_without_a_gap(app: MemoryApp) -> None:
    developer, account, _ = await lucia(app)
    for number in range(7):
        await released(app, developer, number)
        await app.pass_time(8 * DAY)
    browser = await browser_of(app, account)  # the session of before has ended

    seen, path = list[str](), "/wallet"
    for _ in range(9):
        _, html = await browser.look(path)
        seen += re.findall(r"(?:Released|Ready to withdraw), Client [A-G]", html)
        following = re.search(r'href="(/wallet\?[^"]*cursor=[^"]*)">Earlier', html)
        if following is None:
            break
        path = unescape(following[1])

    assert sorted(seen) == sorted(
        f"{what}, Client {letter}" for what in ("Released", "Ready to withdraw")
        for letter in "ABCDEFG"
    )  # fmt: skip


async def test_movements_and_statements_are_those_of_the_chosen_days(app: MemoryApp) -> None:
    """The days are of the zone of the developer, in which the last hour of the 30th is on it."""
    developer, account, _ = await lucia(app)
    await released(app, developer, 0)  # on Mon 23 Nov
    await app.pass_time(7 * DAY)  # ready on Mon 30 Nov
    await app.pass_time(DAY)
    await released(app, developer, 1)  # on Tue 1 Dec
    await app.pass_time(8 * DAY)
    browser = await browser_of(app, account)
    november = "from=2026-11-01&to=2026-11-30"

    page = await text_of(browser, f"/wallet?{november}")
    file = await browser.ask("GET", f"/wallet/statement.csv?{november}")
    rows = list(csv.DictReader(io.StringIO(await file.get_data(as_text=True))))
    pdf = await words_of(await browser.ask("GET", f"/wallet/statement.pdf?{november}"))
    all_of_it = await words_of(await browser.ask("GET", "/wallet/statement.pdf"))
    empty = await text_of(browser, "/wallet?to=2026-10-31")

    assert "From Sun 1 Nov 2026 to Mon 30 Nov 2026" in page
    assert "Ready to withdraw, Client A" in page
    assert "Released, Client A" in page
    assert "Released, Client B" not in page
    assert "₹8,640.00 in eight weeks" in page, "the chart is not of the chosen days"
    assert [row["what"] for row in rows] == ["clear", "release"]
    assert 'filename="statement-2026-11-01-2026-11-30.csv"' in file.headers["Content-Disposition"]
    assert "From Sun 1 Nov 2026 to Mon 30 Nov 2026" in pdf
    assert (
        "Yours before ₹0.00 Released ₹4,320.00 Paid out ₹0.00 Yours after ₹4,320.00 "
        "Ready of it ₹4,320.00" in pdf
    )
    assert "Client B" not in pdf
    assert "Released ₹8,640.00 Paid out ₹0.00 Yours after ₹8,640.00" in all_of_it
    assert "Nothing moved in these days." in empty


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("from=2026-11-30&to=2026-11-01", "The last day is before the first one."),
        ("from=soon", "Choose a day"),
        ("to=2026-02-30", "Choose a day"),
        ("to=9999-12-31", "Choose a day"),
    ],
)
async def test_wrong_days_are_named(app: MemoryApp, query: str, problem: str) -> None:
    _, _, browser = await lucia(app)

    page = await browser.ask("GET", f"/wallet?{query}")
    files = [
        await browser.ask("GET", f"/wallet/statement.{each}?{query}") for each in ("csv", "pdf")
    ]

    assert problem in await page.get_data(as_text=True)
    assert [each.status_code for each in (page, *files)] == [422, 422, 422]


async def test_the_statement_has_every_movement_in_minor_units(app: MemoryApp) -> None:
    developer, _, browser = await lucia(app)
    booking = await released(app, developer, 0)
    await app.pass_time(8 * DAY)

    answer = await browser.ask("GET", "/wallet/statement.csv")
    rows = list(csv.DictReader(io.StringIO(await answer.get_data(as_text=True))))

    assert answer.content_type == "text/csv; charset=utf-8"
    assert [(r["what"], r["document"], r["clearing"], r["ready"]) for r in rows] == [
        ("clear", "", str(-EARNING), str(EARNING)),
        ("release", "E-2026-000001", str(EARNING), "0"),
    ]
    assert {row["booking"] for row in rows} == {booking.id}


async def test_the_statement_has_the_tax_of_work_and_fee() -> None:
    gstin = "29AAACK4821M1ZA"
    app = MemoryApp(operator=Operator("Hours Private Limited", "Bengaluru", gstin))
    developer, account, browser = await lucia(app)
    company = TaxParty("=Iyer Systems", "1 MG Road", "29", "", gstin)
    await app.services.billing.change(company, by=account.id)
    await released(app, developer, 0)
    await app.pass_time(8 * DAY)

    answer = await browser.ask("GET", "/wallet/statement.csv")
    clear, release = csv.DictReader(io.StringIO(await answer.get_data(as_text=True)))

    parts = ("taxable", "cgst", "sgst", "igst")
    assert set(clear.keys()) == set(release.keys())
    assert [clear[part] for part in parts] == [""] * 4
    assert sum(int(release[part]) for part in parts) == PRICE
    assert release["cgst"] == release["sgst"] != "0"
    assert sum(int(release[f"fee_{part}"]) for part in parts) == int(release["fee"])
    assert int(release["fee"]) == PRICE - EARNING
    assert (release["sac"], release["fee_sac"]) == ("998314", "998599")
    assert (release["place_of_supply"], release["supplier_gstin"]) == ("29", gstin)
    assert (release["recipient"], release["fee_recipient_gstin"]) == ("", gstin)


async def test_a_client_sees_payments_with_their_receipts(app: MemoryApp) -> None:
    (meera, _), developer = await app.client(), await app.developer()
    paid = await app.paid(meera, developer)
    declined = await app.paid(meera, developer, starts_in=5 * DAY)
    await app.services.answers.decline(declined.id, by=developer.account_id)
    await app.run()
    browser = await browser_of(app, meera)

    text = await text_of(browser, "/wallet")
    _, page = await browser.look("/wallet")
    refused = await browser.ask("GET", "/wallet/statement.csv")

    assert f"{declined.number} , Receipt and refund note" in text.replace(
        f"{declined.number},", f"{declined.number} ,"
    )
    assert "Refunded ₹4,800.00 ₹4,800.00" in text
    assert "Held ₹4,800.00 ₹0.00" in text
    assert f'href="/bookings/{paid.id}/receipt"' in page
    assert refused.status_code == 403


async def test_without_money_the_wallet_says_what_will_be_there(app: MemoryApp) -> None:
    _, _, browser = await lucia(app)
    (meera, _) = await app.client()

    assert "Nothing earned yet" in await text_of(browser, "/wallet")
    assert "Nothing paid yet" in await text_of(await browser_of(app, meera), "/wallet")
