"""The pages of withdrawals as developers and administrators use them."""

from __future__ import annotations

import re
from html import unescape

import pytest

from core.money import Money
from core.policy import DAY
from core.withdrawals import Status, WithdrawalId
from core.withdrawals_facts import TransferStatus
from tests.app import CALLER, MemoryApp
from tests.builders.withdrawals import balance, rich_developer, withdraw
from tests.web.site import SiteWithBooking, app_of, build_site_with_booking
from web.shared.access import Who

SECRET = "50100482170938"


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


async def test_a_developer_withdraws_and_takes_it_back(site: SiteWithBooking) -> None:
    browser = await site.browser_for(Who.DEVELOPER)
    _, before = await browser.look("/withdrawals")

    form = {"amount": "₹600.00", "request": "a" * 26, "csrf_token": browser.token}
    answers = [await browser.ask("POST", "/withdrawals", form=form) for _ in range(2)]
    _, after = await browser.look(answers[0].headers["Location"])
    made = f"wd_{'a' * 26}"
    back = await browser.ask(
        "POST", f"/withdrawals/{made}/cancel", form={"csrf_token": browser.token}
    )
    _, end = await browser.look("/withdrawals")

    assert [answer.status_code for answer in answers] == [303, 303]  # the form sent twice
    assert "₹8,000.00 is ready" in before
    assert "You withdrew ₹600.00" in after
    assert "One withdrawal a day" in after
    assert back.status_code == 303
    assert "₹8,000.00 is ready" in end
    assert "Not sent" in end


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "Enter an amount"),
        ("499.99", "less than the minimum"),
        ("8,000.01", "more than what is ready"),
    ],
)
async def test_a_wrong_amount_is_explained_beside_it(
    site: SiteWithBooking, typed: str, says: str
) -> None:
    browser = await site.browser_for(Who.DEVELOPER)
    await browser.look("/withdrawals")

    form = {"amount": typed, "csrf_token": browser.token}
    answer = await browser.ask("POST", "/withdrawals", form=form)

    html = await answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert says in html
    assert 'aria-invalid="true"' in html


async def test_a_new_account_is_shown_without_its_number(site: SiteWithBooking) -> None:
    browser = await site.browser_for(Who.DEVELOPER)
    await browser.look("/payout-account/change")
    form = {
        "kind": "bank", "holder": "Lucia Fernandez", "number": "5010 0482 1709 38",
        "again": SECRET, "ifsc": "hdfc0000240", "csrf_token": browser.token,
    }  # fmt: skip

    wrong = await browser.ask("POST", "/payout-account/change", form={**form, "again": "1"})
    saved = await browser.ask("POST", "/payout-account/change", form=form)
    await site.app.run()
    _, page = await browser.look("/payout-account")
    _, off = await browser.look("/withdrawals")

    assert (wrong.status_code, saved.status_code) == (422, 303)
    assert "The two numbers are not the same" in await wrong.get_data(as_text=True)
    assert "HDFC Bank" in page
    assert "0938" in page
    assert SECRET not in page + off
    assert "until withdrawals open again" in off


async def test_an_administrator_holds_with_a_reason_that_the_developer_reads(
    site: SiteWithBooking,
) -> None:
    admin = await site.browser_for(Who.ADMIN)
    path = f"/admin/withdrawals/{site.withdrawal_id}"
    _, listed = await admin.look("/admin/withdrawals?status=requested")
    _, shown = await admin.look(path)

    empty, _ = await admin.send(f"{path}/check", decision="hold", reason=" ")
    answer, html = await admin.send(f"{path}/check", decision="hold", reason="Which <b>bank</b>?")
    before = await site.app.services.withdrawal_review.get(WithdrawalId(site.withdrawal_id))
    held, _ = await admin.send(f"{path}/hold", **hidden(html))
    developer = await site.browser_for(Who.DEVELOPER)
    _, page = await developer.look("/withdrawals")
    outdated, again = await admin.send(f"{path}/refuse", reason="No answer.", preview="0")
    _, html = await admin.send(f"{path}/check", decision="release", reason="The names agree.")
    released, _ = await admin.send(f"{path}/release", **hidden(html))
    repeated, _ = await admin.send(f"{path}/release", **hidden(html))

    assert (answer.status_code, before.status) == (200, Status.REQUESTED)
    assert outdated.status_code == 409
    assert "Nothing was done. This is the new preview." in again
    assert "Given back by the withdrawal" in again
    assert (empty.status_code, held.status_code) == (422, 303)
    assert (released.status_code, repeated.status_code) == (303, 303)
    assert site.withdrawal_id in listed
    assert "₹2,000.00" in shown
    assert "Held for a check" in page
    assert "Which &lt;b&gt;bank&lt;/b&gt;?" in page


def hidden(html: str) -> dict[str, str]:
    """The fields of the form of the second step."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', html)
    return {name: unescape(value) for name, value in found if name != "csrf_token"}


async def test_each_end_is_told_in_words(app: MemoryApp) -> None:
    account, developer = await rich_developer(app)
    for status in (TransferStatus.SUCCEEDED, TransferStatus.FAILED, TransferStatus.REVERSED):
        asked = await withdraw(app, account, 60_000)
        await app.run()
        app.payouts.settle(asked.id, status)
        await app.pass_time(DAY)
    await app.services.withdrawals.request(by=account, caller=CALLER, amount=Money(60_000))
    await app.run()
    site = SiteWithBooking.__new__(SiteWithBooking)
    site.app, site.quart_app, site.developer, site.client = app, app_of(app), account, account
    site.admin = account

    browser = await site.browser_for(Who.DEVELOPER)
    _, html = await browser.look("/withdrawals")

    for words in (
        "In your bank", "Not accepted by the bank", "Returned by the bank", "Sent to your bank",
        "The bank has not confirmed it.", "Bank reference (UTR)",
    ):  # fmt: skip
        assert words in html
    assert (await balance(app, developer)).available == Money(1_000_000 - 2 * 60_000)
    assert {each.status for each in (await app.services.withdrawals.page(by=account.id))[0]} == {
        Status.SENT, Status.SUCCEEDED, Status.FAILED, Status.REVERSED,
    }  # fmt: skip


async def test_the_notifications_say_what_happened(site: SiteWithBooking) -> None:
    admin, developer = await site.app.admin(), site.developer
    review = site.app.services.withdrawal_review
    withdrawal = await review.get(site.withdrawal_id)  # type: ignore[arg-type]
    await review.hold(withdrawal.id, by=admin, caller=CALLER, reason="Which bank?")
    await review.refuse(withdrawal.id, by=admin, caller=CALLER, reason="No answer.")
    await site.app.run()
    browser = await site.browser_for(Who.DEVELOPER)

    _, html = await browser.look("/notifications")

    assert "Your withdrawal of ₹2,000.00 is held for a check" in html
    assert "Your withdrawal of ₹2,000.00 was not sent" in html
    assert withdrawal.number in html
    assert developer.id


async def test_the_overview_of_administrators_leads_to_what_is_held(site: SiteWithBooking) -> None:
    admin = await site.browser_for(Who.ADMIN)
    _, before = await admin.look("/admin")
    await site.app.services.withdrawal_review.hold(
        site.withdrawal_id,  # type: ignore[arg-type]
        by=site.admin,
        caller=CALLER,
        reason="Which bank?",
    )

    _, after = await admin.look("/admin")

    assert 'href="/admin/withdrawals?status=all">All withdrawals</a>' in before
    assert 'href="/admin/withdrawals">The oldest waits for' in after


async def test_the_wallet_and_the_withdrawals_lead_to_each_other(site: SiteWithBooking) -> None:
    developer = await site.browser_for(Who.DEVELOPER)

    _, wallet = await developer.look("/wallet")
    _, withdrawals = await developer.look("/withdrawals")

    assert 'href="/withdrawals"' in wallet
    assert 'href="/wallet"' in withdrawals
