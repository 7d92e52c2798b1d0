"""The lists of administrators: what they show, page by page, on pages and over the API."""

from __future__ import annotations

from dataclasses import replace
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest

from core.outbox import HIDDEN, OutboxId, OutboxMessage, State
from core.policy import MINUTE
from ports.findings import Finding
from tests.web.site import Browser, SiteWithBooking, build_site_with_booking
from web.shared.access import Who

API = "/api/v1/admin"


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


@pytest.fixture
async def admin(site: SiteWithBooking) -> Browser:
    return await site.browser_for(Who.ADMIN)


async def answer(browser: Browser, path: str) -> dict[str, Any]:
    response = await browser.ask("GET", f"{API}{path}")
    assert response.status_code == 200
    found: dict[str, Any] = await response.get_json()
    return found


async def every(browser: Browser, path: str) -> list[dict[str, Any]]:
    """All items of a list, one by one."""
    found, cursor = list[dict[str, Any]](), ""
    while cursor is not None:
        more = f"&cursor={quote(cursor)}" if cursor else ""
        start = "&" if "?" in path else "?"
        page = await answer(browser, f"{path}{start}limit=1{more}")
        found += page["items"]
        cursor = page["next"]
    return found


async def second_booking(site: SiteWithBooking) -> str:
    """Of another client, a quarter of an hour later."""
    client, _ = await site.app.client("Rohan Deshpande")
    site.app.clock.advance(15 * MINUTE)
    booking = await site.app.paid(client, await site.app.developer("Amir Nazari"))
    return booking.number


async def test_all_bookings_payments_and_jobs_are_listed_from_the_latest(
    site: SiteWithBooking, admin: Browser
) -> None:
    numbers = [await second_booking(site), site.booking.number]

    for name, field in (
        ("bookings", "number"), ("payments", "booking_number"), ("jobs", "booking_number"),
    ):  # fmt: skip
        assert [item[field] for item in await every(admin, f"/{name}")] == numbers
        _, page = await admin.look(f"/admin/{name}")
        assert page.index(numbers[0]) < page.index(numbers[1])


async def test_lists_can_be_of_one_person(site: SiteWithBooking, admin: Browser) -> None:
    other = await second_booking(site)

    for name in ("bookings", "payments", "jobs"):
        for person in (site.client, site.developer):
            found = await answer(admin, f"/{name}?person={person.id}")
            _, page = await admin.look(f"/admin/{name}?person={person.id}")
            assert site.booking.number in str(found["items"])
            assert site.booking.number in page
            assert person.name in page
            assert other not in str(found) + page
        assert await answer(admin, f"/{name}?person=acc_nobody") == {"items": [], "next": None}
    assert (await admin.ask("GET", "/admin/jobs?person=acc_nobody")).status_code == 404


async def test_a_payment_shows_attempts_refunds_and_ledger(
    site: SiteWithBooking, admin: Browser
) -> None:
    await site.app.services.answers.cancel(
        site.booking.id, by=site.developer.id, reason="I am ill."
    )
    await site.app.run()
    payment = await site.app.payment(site.booking)

    _, page = await admin.look(f"/admin/payments/{payment.id}")
    _, listed = await admin.look("/admin/payments")
    (item,) = (await answer(admin, "/payments"))["items"]

    (attempt,), (refund,) = payment.attempts, payment.refunds
    for words in (attempt.id, refund.id, payment.order_id, "Payment received", site.booking.number):
        assert words in page
    assert "₹4,800.00: confirmed" in listed
    assert [each["id"] for each in item["attempts"]] == [attempt.id]
    assert [(each["id"], each["status"]) for each in item["refunds"]] == [
        (refund.id, refund.status)
    ]
    assert item["amount"] == {"amount": 480_000, "currency": "INR"}


async def test_a_booking_shows_its_parties_job_and_history(
    site: SiteWithBooking, admin: Browser
) -> None:
    _, page = await admin.look(f"/admin/bookings/{site.booking.id}")

    for words in (
        site.booking.number,
        site.client.name,
        site.developer.name,
        site.job_id,
        "Accepted",
    ):
        assert words in page
    assert f"/admin/people/{site.client.id}" in page
    assert f"/admin/payments/{site.booking.payment_id}" in page


@pytest.mark.parametrize("path", ["/admin/bookings/{booking}", "/admin/payments/{payment}"])
async def test_reading_a_booking_is_in_the_activity_of_both_parties(
    site: SiteWithBooking, admin: Browser, path: str
) -> None:
    path = path.format(booking=site.booking.id, payment=site.booking.payment_id)
    await admin.look(path)
    await site.app.run()

    for account in (site.client, site.developer):
        entries, _ = await site.app.services.audit.recent(by=account.id, limit=50)
        (read,) = [entry for entry in entries if entry.what == "admin_read"]
        assert (read.actor, read.detail["number"]) == (site.admin.id, site.booking.number)
    client = await site.browser_for(Who.CLIENT)
    _, page = await client.look("/account/activity")
    assert "Viewed by an administrator" in page
    assert "An administrator" in page
    assert site.admin.id not in page


async def test_lists_and_searches_are_not_recorded(site: SiteWithBooking, admin: Browser) -> None:
    for path in ("/admin", "/admin/bookings", "/admin/payments", "/admin/jobs", "/admin/outbox"):
        await admin.look(path)
    await admin.ask("GET", f"{API}/search?q={site.booking.number}")
    await site.app.run()

    entries, _ = await site.app.services.audit.recent(by=site.client.id, limit=50)
    assert "admin_read" not in [entry.what for entry in entries]


async def test_messages_are_listed_by_state_and_without_their_secrets(
    site: SiteWithBooking, admin: Browser
) -> None:
    now = site.app.clock.now()
    reset = OutboxMessage(
        OutboxId("lost:accounts.reset"), "accounts.reset", now,
        {"email": "meera@example.com", "nonce": "a nonce nobody may see"},
        State.DEAD, attempts=200, last_error="MailRefused('No such mailbox')",
    )  # fmt: skip
    unknown = replace(
        reset,
        id=OutboxId("x:gone.kind"),
        kind="gone.kind",
        payload={"nonce": "another", "a": "b c d"},
    )
    await site.app.store.repositories.outbox.add(reset, unknown)

    _, page = await admin.look("/admin/outbox?state=dead")
    items = (await answer(admin, "/outbox?state=dead"))["items"]
    _, waiting = await admin.look("/admin/outbox?state=waiting")

    payloads = {item["kind"]: item["payload"] for item in items}
    assert payloads == {
        "accounts.reset": {"email": "meera@example.com", "nonce": HIDDEN},
        "gone.kind": {"nonce": HIDDEN, "a": HIDDEN},
    }
    assert "No such mailbox" in unescape(page)
    for text in (page, str(items)):
        assert "a nonce nobody may see" not in text
        assert "b c d" not in text
    assert "lost:accounts.reset" not in waiting
    refused = await admin.ask("GET", f"{API}/outbox?state=lost")
    assert refused.status_code == 422


async def test_every_list_of_messages_can_be_opened(site: SiteWithBooking, admin: Browser) -> None:
    listed: dict[str, int] = {}
    for state in ("waiting", "failing", "dead", "done", "cancelled"):
        response, _ = await admin.look(f"/admin/outbox?state={state}")
        assert response.status_code == 200
        items = await every(admin, f"/outbox?state={state}")
        listed[state] = len({item["id"] for item in items})
        assert len(items) == listed[state]

    assert (listed["failing"], listed["dead"]) == (0, 0)
    assert min(listed["waiting"], listed["done"], listed["cancelled"]) > 0


async def test_the_overview_names_what_needs_somebody(
    site: SiteWithBooking, admin: Browser
) -> None:
    _, calm = await admin.look("/admin")
    now = site.app.clock.now()
    payment = site.booking.payment_id
    await site.app.store.repositories.findings.report(
        Finding("mismatch:1", "amount_mismatch", payment, "Another amount was reported.", now)
    )
    await site.app.store.repositories.outbox.add(
        OutboxMessage(OutboxId("x:jobs.give_up"), "jobs.give_up", now, {}, State.DEAD)
    )

    _, page = await admin.look("/admin")
    overview = await answer(admin, "/overview")

    assert "What needs you" not in calm
    assert "What needs you" in page
    assert "Another amount was reported." in page
    assert [finding["subject"] for finding in overview["findings"]] == [payment]
    assert overview["outbox"]["dead"] == 1
    assert site.booking.number in page
