"""Chargebacks on the pages of administrators and over the API: who waits until when, where the
money came from, and the answer in two steps."""

from __future__ import annotations

import pytest

from core.chargebacks import Chargeback, Status
from core.payments import PaymentId
from core.payments import Status as Paying
from core.policy import DAY, HOUR
from tests.builders.chargebacks import chargebacks_of, question
from tests.web.administration.test_refunds import hidden
from tests.web.site import Browser, SiteWithBooking, build_site_with_booking
from web.shared.access import Who

KEY = "Idempotency-Key"
REASON = "The developer did not come."


@pytest.fixture
async def site() -> SiteWithBooking:
    """Its booking is confirmed, and the bank questions its payment."""
    found = await build_site_with_booking()
    due = found.app.clock.now() + 5 * DAY
    await question(found.app, found.booking, respond_by=due)
    return found


async def the_one(site: SiteWithBooking) -> Chargeback:
    found = await chargebacks_of(site.app, site.booking)
    return next(each for each in found if each.id != site.chargeback_id)


async def text(browser: Browser, path: str) -> str:
    answer = await browser.ask("GET", path)
    assert answer.status_code == 200, path
    return (await answer.get_data(as_text=True)).replace("\N{NO-BREAK SPACE}", " ")


async def test_list_and_page_say_whose_money_until_when_and_where_from(
    site: SiteWithBooking,
) -> None:
    admin, item = await site.browser_for(Who.ADMIN), await the_one(site)
    client = site.booking.client.name

    for query in ("", "?status=open"):
        listed = await text(admin, f"/admin/chargebacks{query}")
        for shown in (site.booking.number, client, "Waits for an answer", "Answer until"):
            assert shown in listed, shown
    assert item.id not in await text(admin, "/admin/chargebacks?status=lost")
    page = await text(admin, f"/admin/chargebacks/{item.id}")
    for shown in (
        f"The bank of {client} questions", "Held for the booking", "Set aside from",
        "Set aside for a chargeback", "is sent by itself before that", "Questioned by the bank",
        "Services not received",
    ):  # fmt: skip
        assert shown in page, shown
    api = await (await admin.ask("GET", f"/api/v1/admin/chargebacks/{item.id}")).get_json()
    assert api["chargeback"]["set_aside"]["held"]["amount"] == site.booking.price.amount
    assert len(api["entries"]) == 1


async def test_the_evidence_can_be_read(site: SiteWithBooking) -> None:
    admin, item = await site.browser_for(Who.ADMIN), await the_one(site)
    answer = await admin.ask("GET", f"/admin/chargebacks/{item.id}/evidence.pdf")
    assert answer.content_type == "application/pdf"
    assert (await answer.get_data(as_text=False)).startswith(b"%PDF")


async def test_the_evidence_is_sent_now_in_two_steps_and_once(site: SiteWithBooking) -> None:
    admin, item = await site.browser_for(Who.ADMIN), await the_one(site)
    page = f"/admin/chargebacks/{item.id}"

    answer, html = await admin.send(f"{page}/check", answer="evidence", reason=" ")
    assert answer.status_code == 422
    assert 'id="reason-error"' in html
    answer, html = await admin.send(f"{page}/check", answer="evidence", reason=REASON)
    assert answer.status_code == 200
    assert site.app.gateway.evidence_of(item.reference) == ()
    for _ in range(2):
        answer, _ = await admin.send(f"{page}/answer", **hidden(html))
        assert (answer.status_code, answer.location) == (303, page)
    await site.app.run()

    (sent,) = site.app.gateway.evidence_of(item.reference)
    assert sent.content.startswith(b"%PDF")
    assert (await the_one(site)).status is Status.REVIEW
    answer, html = await admin.send(f"{page}/check", answer="evidence", reason=REASON)
    assert answer.status_code == 409
    assert "is decided or answered already" in html


async def test_accepting_shows_what_is_booked_then_and_ends_the_booking(
    site: SiteWithBooking,
) -> None:
    admin, item = await site.browser_for(Who.ADMIN), await the_one(site)
    page = f"/admin/chargebacks/{item.id}"
    site.app.clock.advance(HOUR / 6)
    _, html = await admin.send(f"{page}/check", answer="accept", reason=REASON)
    for shown in (f"to {site.booking.client.name}?", "Set aside until the bank decides"):
        assert shown in html, shown

    await admin.send(f"{page}/answer", **hidden(html))
    waiting = await the_one(site)
    assert (waiting.status, waiting.awaits_evidence) == (Status.OPEN, False)
    await site.app.run()

    lost = await the_one(site)
    assert (lost.status, lost.booked_out) == (Status.LOST, True)
    payment = await site.app.store.repositories.payments.get(PaymentId(lost.payment_id))
    assert payment.status is Paying.REFUNDED
    assert site.app.gateway.evidence_of(item.reference) == ()


async def test_programs_answer_once_and_only_what_was_shown(site: SiteWithBooking) -> None:
    admin, item = await site.browser_for(Who.ADMIN), await the_one(site)
    path, body = f"/api/v1/admin/chargebacks/{item.id}", {"answer": "accept", "reason": REASON}
    token = {"X-CSRF-Token": admin.token}
    shown = await (await admin.ask("POST", f"{path}/preview", json=body, headers=token)).get_json()

    wrong = await admin.ask("POST", f"{path}/answer", json={**body, "preview": "0"}, headers=token)
    assert (await wrong.get_json())["code"] == "preview_outdated"
    for _ in range(2):
        taken = await admin.ask(
            "POST", f"{path}/answer", json={**body, "preview": shown["digest"]},
            headers={KEY: "accept-1", **token},
        )  # fmt: skip
        assert taken.status_code == 200
    late = await admin.ask("POST", f"{path}/answer", json=body, headers={KEY: "b", **token})
    assert (await late.get_json())["code"] == "chargeback_moved_on"
