"""Refused refunds on the pages of administrators, over the API, and as their client sees them."""

from __future__ import annotations

import pytest

from core.payments import Payment, PaymentId, Status
from core.policy import DAY
from tests.web.administration.test_refunds import hidden
from tests.web.site import SiteWithBooking, build_site_with_booking
from web.shared.access import Who

KEY = "Idempotency-Key"


@pytest.fixture
async def site() -> SiteWithBooking:
    """A site whose booking was cancelled, and whose refund was refused until it stopped."""
    found = await build_site_with_booking()
    found.app.gateway.refunds_fail = True
    await found.app.services.answers.cancel(found.booking.id, by=found.developer.id, reason="Ill")
    await found.app.run()
    for _ in range(3):
        await found.app.pass_time(DAY)
    await found.app.pass_time(5 * DAY)
    return found


async def payment_of(site: SiteWithBooking) -> Payment:
    payment_id = PaymentId(site.booking.payment_id)
    return await site.app.store.repositories.payments.get(payment_id)


async def test_the_queue_names_who_waits_and_for_how_long(site: SiteWithBooking) -> None:
    admin = await site.browser_for(Who.ADMIN)
    overview = await (await admin.ask("GET", "/admin")).get_data(as_text=True)
    queue = await (await admin.ask("GET", "/admin/stopped-refunds")).get_data(as_text=True)
    assert "1 refused refund waits" in overview
    for shown in (site.booking.number, site.booking.client.name, "4", "days"):
        assert shown in queue, shown
    listed = await (await admin.ask("GET", "/api/v1/admin/stopped-refunds")).get_json()
    (item,) = listed["items"]
    refund = (await payment_of(site)).refunds[-1]
    assert (item["id"], item["requests"]) == (refund.id, 4)
    assert item["amount"]["amount"] == refund.amount.amount


async def test_the_client_reads_who_acts_next(site: SiteWithBooking) -> None:
    client = await site.browser_for(Who.CLIENT)
    page = await (await client.ask("GET", f"/bookings/{site.booking.id}")).get_data(as_text=True)
    assert "We request the refund again, or pay it by another way" in page
    assert "The payment provider has refused it several times. An administrator acts next." in page
    assert "The payment provider confirms the refund" not in page
    receipt = await client.ask("GET", f"/bookings/{site.booking.id}/receipt")
    assert "has refused it several times" in await receipt.get_data(as_text=True)


async def test_paid_by_another_way_in_two_steps(site: SiteWithBooking) -> None:
    admin = await site.browser_for(Who.ADMIN)
    page = f"/admin/payments/{site.booking.payment_id}"
    refund = (await payment_of(site)).refunds[-1].id
    form = {"refund": refund, "solution": "paid_otherwise", "reason": "The card is closed."}

    answer, html = await admin.send(f"{page}/stopped-refund/check", **form)
    assert answer.status_code == 422
    assert 'id="reference-error"' in html
    answer, html = await admin.send(f"{page}/stopped-refund/check", **form, reference="UTR 4711")
    assert answer.status_code == 200
    for shown in ("by another way?", "Paid to clients outside of the provider", "UTR 4711"):
        assert shown in html, shown
    assert (await payment_of(site)).status is Status.REFUNDING
    for _ in range(2):
        answer, _ = await admin.send(f"{page}/stopped-refund", **hidden(html))
        assert (answer.status_code, answer.location) == (303, page)
    await site.app.run()

    payment = await payment_of(site)
    assert (payment.status, payment.refunds[-1].status) == (Status.REFUNDED, "paid_otherwise")
    shown = await (await admin.ask("GET", page)).get_data(as_text=True)
    assert "Reference UTR 4711" in shown
    client = await site.browser_for(Who.CLIENT)
    receipt = await client.ask("GET", f"/bookings/{site.booking.id}/receipt")
    note = await receipt.get_data(as_text=True)
    assert "Transfer of the operator" in note
    assert "UTR 4711" in note


async def test_programs_have_it_requested_again_once(site: SiteWithBooking) -> None:
    admin = await site.browser_for(Who.ADMIN)
    site.app.gateway.refunds_fail = False
    refund = (await payment_of(site)).refunds[-1].id
    path = f"/api/v1/admin/payments/{site.booking.payment_id}/stopped-refund"
    body = {"refund_id": refund, "solution": "retry", "reason": "The bank works again."}
    token = {"X-CSRF-Token": admin.token}

    shown = await (await admin.ask("POST", f"{path}/preview", json=body, headers=token)).get_json()
    for _ in range(2):
        answer = await admin.ask(
            "POST", path, json={**body, "preview": shown["digest"]},
            headers={KEY: "again-1", **token},
        )  # fmt: skip
        assert answer.status_code == 200
    late = await admin.ask("POST", path, json=body, headers={KEY: "again-2", **token})

    assert (await late.get_json())["code"] == "refund_not_stopped"
    await site.app.run()
    payment = await payment_of(site)
    assert (payment.status, len(payment.refunds)) == (Status.REFUNDED, 5)
