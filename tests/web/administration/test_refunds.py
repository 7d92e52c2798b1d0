"""Refunds by administrators on the pages and over the API: two steps, a fresh code, once."""

from __future__ import annotations

import re

import pytest

from core.bookings import Booking
from core.payments import Payment, PaymentId, Status
from core.policy import HOUR
from tests.app import MemoryApp
from tests.web.site import SiteWithBooking, build_site_with_booking
from web.shared.access import Who

REASON = "Meera was ill, and Lucía agreed."
KEY = "Idempotency-Key"


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


async def released(site: SiteWithBooking) -> Booking:
    """A booking of the site whose money was released."""
    app = site.app
    (client, _), developer = await app.client("Nora Lindqvist"), await app.developer("Ananya Iyer")
    job = await app.delivered(client, developer, hours=2)
    await app.services.jobs.approve(job.id, by=client.id)
    await app.run()
    return await app.booking(job.booking_id)


async def payment_of(app: MemoryApp, booking: Booking) -> Payment:
    return await app.store.repositories.payments.get(PaymentId(booking.payment_id))


def hidden(html: str) -> dict[str, str]:
    """The fields of the form of the second step."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', html)
    return {name: value for name, value in found if name != "csrf_token"}


async def test_a_refund_takes_two_steps_and_acts_once(site: SiteWithBooking) -> None:
    booking, admin = await released(site), await site.browser_for(Who.ADMIN)
    page = f"/admin/payments/{booking.payment_id}"

    answer, html = await admin.send(f"{page}/refund/check", amount="975", reason=REASON)
    assert answer.status_code == 200
    assert (await payment_of(site.app, booking)).refunds == ()
    for shown in ("Refund ₹975.00 to Nora Lindqvist?", "−₹877.50", "−₹97.50", REASON,
                  "Ananya Iyer, clearing", "Our fees", "Nora Lindqvist, Ananya Iyer"):  # fmt: skip
        assert shown in html, shown

    for _ in range(2):
        answer, _ = await admin.send(f"{page}/refund", **hidden(html))
        assert (answer.status_code, answer.location) == (303, page)
    await site.app.run()

    payment = await payment_of(site.app, booking)
    assert [refund.amount.amount for refund in payment.refunds] == [97_500]
    assert payment.status is Status.REFUNDED


async def test_after_a_change_the_new_preview_is_shown(site: SiteWithBooking) -> None:
    booking, admin = await released(site), await site.browser_for(Who.ADMIN)
    page = f"/admin/payments/{booking.payment_id}"
    _, html = await admin.send(f"{page}/refund/check", amount="975", reason=REASON)
    _, other = await admin.send(f"{page}/refund/check", amount="10", reason=REASON)
    await admin.send(f"{page}/refund", **hidden(other))
    await site.app.run()

    answer, again = await admin.send(f"{page}/refund", **hidden(html))

    assert answer.status_code == 409
    assert "Nothing was done. This is the new preview." in again
    assert len((await payment_of(site.app, booking)).refunds) == 1
    answer, _ = await admin.send(f"{page}/refund", **hidden(again))
    assert answer.status_code == 303
    assert len((await payment_of(site.app, booking)).refunds) == 2


async def test_wrong_input_is_said_at_its_field(site: SiteWithBooking) -> None:
    booking, admin = await released(site), await site.browser_for(Who.ADMIN)
    page = f"/admin/payments/{booking.payment_id}"

    for amount, reason, field in (
        ("", REASON, "amount"),
        ("99999", REASON, "amount"),
        ("0", REASON, "amount"),
        ("10", " ", "reason"),
    ):
        answer, html = await admin.send(f"{page}/refund/check", amount=amount, reason=reason)
        assert answer.status_code == 422
        assert f'id="{field}-error"' in html


async def test_the_code_must_be_fresh(site: SiteWithBooking) -> None:
    booking, admin = await released(site), await site.browser_for(Who.ADMIN)
    page = f"/admin/payments/{booking.payment_id}"
    _, html = await admin.send(f"{page}/refund/check", amount="975", reason=REASON)
    site.app.clock.advance(HOUR / 3)

    answer, _ = await admin.send(f"{page}/refund", **hidden(html))

    assert answer.status_code == 303
    assert answer.location != page
    assert (await payment_of(site.app, booking)).refunds == ()


async def test_programs_get_the_preview_and_may_insist_on_it(site: SiteWithBooking) -> None:
    booking, admin = await released(site), await site.browser_for(Who.ADMIN)
    path = f"/api/v1/admin/payments/{booking.payment_id}/refund"
    body = {"amount": {"amount": 97_500}, "reason": REASON}

    token = {"X-CSRF-Token": admin.token}
    shown = await (await admin.ask("POST", f"{path}/preview", json=body, headers=token)).get_json()
    digest = shown["preview"]["digest"]
    wrong = await admin.ask("POST", path, json={**body, "preview": "0"}, headers=token)
    taken = await admin.ask(
        "POST", path, json={**body, "preview": digest}, headers={KEY: "refund-1", **token}
    )

    assert (await wrong.get_json())["code"] == "preview_outdated"
    assert taken.status_code == 200
    assert shown["earning"] == {"amount": 344_250, "currency": "INR"}
    assert [line["amount"]["amount"] for line in shown["preview"]["entries"][0]["lines"]] == [
        -87_750, -9_750, 97_500,
    ]  # fmt: skip
    assert (await payment_of(site.app, booking)).returning.amount == 97_500
