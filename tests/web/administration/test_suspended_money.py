"""Suspended money on the pages of administrators and over the API, and as its payer sees it."""

from __future__ import annotations

import pytest

from core.money import Money
from core.payments import PaymentId
from tests.web.administration.test_refunds import hidden
from tests.web.site import SiteWithBooking, build_site_with_booking
from web.payments import schemas
from web.shared.access import Who

KEY = "Idempotency-Key"


@pytest.fixture
async def site() -> SiteWithBooking:
    """A site with a booking whose client has paid another amount than the price."""
    found = await build_site_with_booking()
    app = found.app
    (meera, _), developer = await app.client("Meera Rao"), await app.developer("Tomasz Nowak")
    found.booking = await app.hold(meera, developer)
    app.gateway.pay(await app.order_of(found.booking), amount=Money(100))
    await app.settle(found.booking)
    await app.run()
    return found


async def test_it_is_returned_in_two_steps(site: SiteWithBooking) -> None:
    admin = await site.browser_for(Who.ADMIN)
    page = f"/admin/payments/{site.booking.payment_id}"
    before = await (await admin.ask("GET", page)).get_data(as_text=True)
    answer, html = await admin.send(f"{page}/suspended/check", reason="")
    assert answer.status_code == 422
    assert 'id="reason-error"' in html
    answer, html = await admin.send(f"{page}/suspended/check", reason="Another amount.")
    assert answer.status_code == 200
    for _ in range(2):
        answer, _ = await admin.send(f"{page}/suspended", **hidden(html))
        assert (answer.status_code, answer.location) == (303, page)
    late, _ = await admin.send(f"{page}/suspended", reason="Once more.", preview="old")
    await site.app.run()
    after = await (await admin.ask("GET", page)).get_data(as_text=True)

    assert "₹1.00 arrived and pays for nothing" in before
    assert "it is another amount than the price." in before
    assert "Return ₹1.00 to Meera Rao?" in html
    assert late.status_code == 409
    assert "What arrived went back to the payer." in after
    assert "arrived and pays for nothing" not in after
    payment = await site.app.store.repositories.payments.get(PaymentId(site.booking.payment_id))
    assert [(r.amount, r.status) for r in payment.refunds] == [(Money(100), "succeeded")]
    assert {k: v for k, v in (await site.app.balances()).items() if "suspense" in k and v} == {}
    async with site.quart_app.test_request_context("/"):
        shown = schemas.payment(payment, site.booking, as_client=False, released=False)
    assert shown["receipt_url"] is None, "nothing was released"


async def test_programs_return_it_once(site: SiteWithBooking) -> None:
    admin = await site.browser_for(Who.ADMIN)
    path = f"/api/v1/admin/payments/{site.booking.payment_id}/suspended"
    body, token = {"reason": "Another amount."}, {"X-CSRF-Token": admin.token}

    shown = await (await admin.ask("POST", f"{path}/preview", json=body, headers=token)).get_json()
    for _ in range(2):
        answer = await admin.ask(
            "POST", path, json={**body, "preview": shown["digest"]},
            headers={KEY: "back-1", **token},
        )  # fmt: skip
        assert answer.status_code == 200
    late = await admin.ask("POST", path, json=body, headers={KEY: "back-2", **token})

    assert (late.status_code, (await late.get_json())["code"]) == (409, "nothing_suspended")
