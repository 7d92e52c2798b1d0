"""The lists of payments and withdrawals: every filter, on pages and over the API, and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest

from core.accounts import AccountId
from core.disputes import DisputeId
from core.disputes import Status as DisputeStatus
from core.money import Money
from core.payments import PaymentId
from core.payments import Status as PaymentStatus
from core.payments_facts import OrderId
from core.withdrawals import Status, Waiting, Withdrawal, WithdrawalId
from services.disputes import DISPUTES
from services.withdrawals import WITHDRAWALS
from tests.web.administration.test_lists import answer, every
from tests.web.site import Browser, SiteWithBooking, build_site_with_booking
from web.shared.access import Who

DAY = timedelta(days=1)
FORMULA = "=cmd|' /C calc'!A0"


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


@pytest.fixture
async def admin(site: SiteWithBooking) -> Browser:
    return await site.browser_for(Who.ADMIN)


async def second_withdrawal(site: SiteWithBooking, **changes: Any) -> Withdrawal:
    """Of another developer, two days before that of the site, which is of yesterday."""
    documents = site.app.store.repositories.documents(WITHDRAWALS)
    first = await documents.get(site.withdrawal_id)
    developer = await site.app.developer("Amir Nazari")
    made = replace(
        first,
        id=WithdrawalId(f"wd_{'b' * 26}"),
        developer_id=developer.id,
        account_id=developer.account_id,
        requested_at=first.requested_at - 2 * DAY,
        amount=Money(150_000),
        status=Status.HELD,
        waiting=Waiting.OPERATOR,
        version=0,
    )
    return await documents.add(replace(made, **changes))


async def both_ways(
    browser: Browser, name: str, filters: str, numbers: Sequence[str]
) -> list[bool]:
    """Which of the numbers are listed: on the page, where no filter may be forgotten by the next
    page, and over the API."""
    start = "&" if filters else ""
    _, page = await browser.look(f"/admin/{name}?status=all{start}{filters}")
    found = await every(browser, f"/{name}?{filters}")
    field = "number" if name == "withdrawals" else "booking_number"
    over_api = [any(each[field] == number for each in found) for number in numbers]
    assert [number in page for number in numbers] == over_api
    return over_api


async def rows(browser: Browser, path: str) -> list[dict[str, str]]:
    response = await browser.ask("GET", path)
    assert response.status_code == 200
    assert response.content_type == "text/csv; charset=utf-8"
    text = await response.get_data(as_text=True)
    return list(csv.DictReader(io.StringIO(text)))


async def test_withdrawals_that_need_a_decision_are_shown_first(
    site: SiteWithBooking, admin: Browser
) -> None:
    first = await site.app.store.repositories.documents(WITHDRAWALS).get(site.withdrawal_id)
    _, none = await admin.look("/admin/withdrawals")
    held = await second_withdrawal(site)

    _, page = await admin.look("/admin/withdrawals")
    _, every_one = await admin.look("/admin/withdrawals?status=all")

    assert "Nothing needs a decision" in none
    assert held.number in page
    assert first.number not in page
    assert held.number in every_one
    assert first.number in every_one


async def test_withdrawals_are_found_by_every_filter(site: SiteWithBooking, admin: Browser) -> None:
    first = await site.app.store.repositories.documents(WITHDRAWALS).get(site.withdrawal_id)
    held = await second_withdrawal(site)
    numbers = [first.number, held.number]
    day = f"{first.requested_at:%Y-%m-%d}"
    other = f"{held.requested_at:%Y-%m-%d}"
    address = quote(site.developer.email)

    async def found(filters: str) -> list[bool]:
        return await both_ways(admin, "withdrawals", filters, numbers)

    assert await found("") == [True, True]
    assert await found(f"person={quote(site.developer.name)}") == [True, False]
    assert await found(f"person={held.account_id}") == [False, True]
    assert await found(f"person={address}") == [True, False]
    assert await found("person=Nobody+Atall") == [False, False]
    assert await found(f"from={day}") == [True, False]
    assert await found(f"to={other}") == [False, True]
    assert await found(f"from={other}&to={day}") == [True, True]
    assert await found(f"person={held.account_id}&from={day}") == [False, False]
    api = await every(admin, "/withdrawals?least=150000&most=199999")
    assert [each["number"] for each in api] == [held.number]
    _, page = await admin.look("/admin/withdrawals?status=all&least=1,500.01&most=2000")
    assert (first.number in page, held.number in page) == (True, False)
    by_state = await every(admin, f"/withdrawals?status=held&person={held.account_id}&most=150000")
    assert [each["number"] for each in by_state] == [held.number]


async def test_people_with_the_same_name_are_listed_together(
    site: SiteWithBooking, admin: Browser
) -> None:
    held = await second_withdrawal(site)
    twin = await site.app.developer("Amir Nazari")

    found = await every(admin, "/withdrawals?status=held&person=Amir")
    _, page = await admin.look("/admin/withdrawals?person=Amir")

    assert [each["number"] for each in found] == [held.number]
    assert held.number in page
    assert f"/admin/people/{twin.account_id}" in page


async def test_payments_are_found_by_every_filter(site: SiteWithBooking) -> None:
    payments = site.app.store.repositories.payments
    client, _ = await site.app.client("Rohan Deshpande")
    site.app.clock.advance(2 * DAY)
    admin = await site.browser_for(Who.ADMIN)
    later = await site.app.paid(client, await site.app.developer("Amir Nazari"))
    numbers = [site.booking.number, later.number]
    first = await payments.get(PaymentId(site.booking.payment_id))
    last = await payments.get(PaymentId(later.payment_id))
    day = f"{last.created_at:%Y-%m-%d}"

    async def found(filters: str) -> list[bool]:
        return await both_ways(admin, "payments", filters, numbers)

    assert await found("") == [True, True]
    assert await found(f"person={client.id}") == [False, True]
    assert await found("person=Amir+Nazari") == [False, True]
    assert await found(f"person={site.developer.id}") == [True, False]
    assert await found(f"from={day}") == [False, True]
    assert await found(f"from=2026-01-01&to={first.created_at:%Y-%m-%d}") == [True, False]
    assert await found(f"id={site.booking.number.lower()}") == [True, False]
    assert await found(f"id={last.order_id}") == [False, True]
    assert await found(f"id={site.booking.id}&person={client.id}") == [False, False]
    assert await found(f"id={last.id}&from={day}") == [False, True]
    await payments.save(replace(last, status=PaymentStatus.EXPIRED, amount=Money(100)))
    expired = await every(admin, "/payments?status=expired")
    small = await every(admin, "/payments?most=100")
    assert [each["id"] for each in expired] == [each["id"] for each in small] == [last.id]
    _, page = await admin.look("/admin/payments?status=paid&least=1.01")
    assert (numbers[0] in page, numbers[1] in page) == (True, False)


async def test_cases_are_found_by_every_filter(site: SiteWithBooking) -> None:
    documents = site.app.store.repositories.documents(DISPUTES)
    first = await documents.get(site.dispute_id)
    client, _ = await site.app.client("Rohan Deshpande")
    site.app.clock.advance(3 * DAY)
    admin = await site.browser_for(Who.ADMIN)
    booking = await site.app.paid(client, await site.app.developer("Amir Nazari"))
    now = site.app.clock.now()
    other = await documents.add(
        replace(
            first, id=DisputeId(f"dsp_{'2' * 26}"), booking_number=booking.number,
            client=booking.client, developer=booking.developer, opened_at=now, closed_at=now,
            status=DisputeStatus.WITHDRAWN, held=Money(100),
        )
    )  # fmt: skip
    day = f"{now:%Y-%m-%d}"

    async def found(filters: str) -> list[bool]:
        _, page = await admin.look(f"/admin/disputes?status=all&{filters}")
        listed = await every(admin, f"/disputes?state=all&{filters}")
        over_api = [each.id in [one["id"] for one in listed] for each in (first, other)]
        assert [each.id in page for each in (first, other)] == over_api
        return over_api

    assert await found("") == [True, True]
    assert await found(f"person={client.id}") == [False, True]
    assert await found(f"person={quote(site.developer.name)}") == [True, False]
    assert await found(f"from={day}") == [False, True]
    assert await found(f"person={client.id}&to={first.opened_at:%Y-%m-%d}") == [False, False]
    _, opened = await admin.look("/admin/disputes")
    assert (first.id in opened, other.id in opened) == (True, False)
    (ended,) = await every(admin, "/disputes?status=withdrawn&most=100")
    assert ended["id"] == other.id
    exported = await rows(admin, f"/admin/disputes/list.csv?status=all&person={client.id}")
    assert [(each["id"], each["held"], each["closed"]) for each in exported] == [
        (other.id, "100", now.isoformat(timespec="seconds"))
    ]


@pytest.mark.parametrize("name", ["payments", "withdrawals", "disputes"])
@pytest.mark.parametrize(
    ("filters", "field", "says"),
    [
        ("from=yesterday", "from", "Choose a day, for example 2026-11-24."),
        ("from=2026-03-02&to=2026-03-01", "to", "The last day is before the first one."),
        ("least=lots", "least", "Enter an amount in rupees, for example 2,400 or 2400.50."),
        ("most=-5", "most", "Enter an amount that is not below zero."),
        ("least=5&most=4", "most", "The greatest amount is less than the least one."),
    ],
)
async def test_a_wrong_filter_is_explained_and_nothing_typed_is_lost(
    admin: Browser, name: str, filters: str, field: str, says: str
) -> None:
    response = await admin.ask("GET", f"/admin/{name}?status=all&person=Amir&{filters}")
    html = unescape(await response.get_data(as_text=True))
    exported = await admin.ask("GET", f"/admin/{name}/list.csv?{filters}")

    assert (response.status_code, exported.status_code) == (422, 422)
    assert f'id="{field}-error"' in html
    assert says in html
    assert "Nothing was searched" in html
    assert 'value="Amir"' in html
    assert says in unescape(await exported.get_data(as_text=True))


async def test_a_wrong_filter_is_named_by_the_api(site: SiteWithBooking, admin: Browser) -> None:
    for number in range(21):
        await site.app.client(f"Gita Rao{'abcdefghijklmnopqrstu'[number]}")

    for filters, field in (
        ("from=2026-03-02&to=2026-03-01", "to"),
        ("least=5&most=4", "most"),
        ("person=Gita", "person"),
    ):
        response = await admin.ask("GET", f"/api/v1/admin/withdrawals?{filters}")
        errors = (await response.get_json())["errors"]
        assert (response.status_code, [each["field"] for each in errors]) == (422, [field])


async def test_exports_have_what_the_list_has_and_harmless_texts(
    site: SiteWithBooking, admin: Browser
) -> None:
    first = await site.app.store.repositories.documents(WITHDRAWALS).get(site.withdrawal_id)
    held = await second_withdrawal(site, code=FORMULA)
    payments = site.app.store.repositories.payments
    paid = await payments.get(PaymentId(site.booking.payment_id))
    await payments.save(replace(paid, order_id=OrderId(FORMULA)))

    withdrawals = await rows(admin, "/admin/withdrawals/list.csv?status=all")
    some = await rows(admin, f"/admin/withdrawals/list.csv?status=all&person={held.account_id}")
    (payment,) = await rows(admin, f"/admin/payments/list.csv?id={site.booking.number}")

    assert [each["number"] for each in withdrawals] == [first.number, held.number]
    (row,) = some
    assert (row["amount"], row["currency"], row["status"]) == ("150000", "INR", "held")
    assert (row["developer"], row["code"]) == ("Amir Nazari", f"'{FORMULA}")
    assert row["requested"] == held.requested_at.isoformat(timespec="seconds")
    assert (payment["booking"], payment["amount"]) == (site.booking.number, "480000")
    assert (payment["client"], payment["order"]) == (site.client.name, f"'{FORMULA}")


async def test_an_export_is_in_the_activity_of_the_administrator(
    site: SiteWithBooking, admin: Browser
) -> None:
    address = quote(site.developer.email)
    await rows(admin, f"/admin/withdrawals/list.csv?status=all&person={address}&least=1")
    await site.app.run()

    entries, _ = await site.app.store.repositories.audit.page(AccountId(site.admin.id))
    (entry,) = [each for each in entries if each.what == "list_exported"]

    assert entry.detail == {
        "list": "withdrawals", "rows": "1", "status": "all", "people": site.developer.id,
        "least": "1",
    }  # fmt: skip


async def test_the_next_page_keeps_the_filters(
    site: SiteWithBooking, admin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await second_withdrawal(site, status=Status.REQUESTED)
    monkeypatch.setattr("web.withdrawals.admin_list.PER_PAGE", 1)

    _, page = await admin.look("/admin/withdrawals?status=requested&least=1000")
    link = unescape(page.split("cursor=")[0].rsplit('href="', 1)[1])
    cursor = page.split("cursor=")[1].split('"')[0].split("&")[0]
    response = await admin.ask("GET", unescape(f"{link}cursor={cursor}"))

    assert "status=requested" in link
    assert "least=1000" in page.split("cursor=")[1].split('"')[0] + link
    assert response.status_code == 200
    assert "Show the first" in await response.get_data(as_text=True)


async def test_only_administrators_search(site: SiteWithBooking) -> None:
    client = await site.browser_for(Who.CLIENT)
    for path in ("/admin/withdrawals", "/admin/withdrawals/list.csv", "/admin/payments/list.csv"):
        assert (await client.ask("GET", path)).status_code == 403
    assert await answer(await site.browser_for(Who.ADMIN), "/payments?person=acc_nobody") == {
        "items": [], "next": None,
    }  # fmt: skip
