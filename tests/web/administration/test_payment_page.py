"""The page of a payment for administrators shows what belongs to it, with as many reads whatever
there is."""

from __future__ import annotations

import json

from adapters.memory.payments import signed
from core.findings import FindingKind
from core.policy import DAY
from ports.findings import Finding
from tests.builders.chargebacks import chargebacks_of, question
from tests.web.site import Browser, build_site_with_booking
from web.shared.access import Who


async def text(browser: Browser, path: str) -> str:
    answer = await browser.ask("GET", path)
    assert answer.status_code == 200
    return await answer.get_data(as_text=True)


async def test_it_shows_webhooks_documents_chargebacks_and_findings() -> None:
    site = await build_site_with_booking()
    app, booking = site.app, site.booking
    admin, page = await site.browser_for(Who.ADMIN), f"/admin/payments/{booking.payment_id}"
    before = await text(admin, page)
    assert "None was received for this order." in before
    body = json.dumps({"id": "evt_4711", "order_id": await app.order_of(booking)}).encode()
    await app.services.payments.receive_webhook("memory", signed(body), body)
    await question(app, booking, respond_by=app.clock.now() + 5 * DAY)
    mine, other = (
        Finding(name, FindingKind.HELD_MONEY_WRONG, subject, detail, app.clock.now())
        for name, subject, detail in (
            ("x:1", booking.payment_id, "5 are held."),
            ("x:2", f"{booking.payment_id}0", "Not me."),
        )
    )
    for each in (mine, other):
        await app.store.repositories.findings.report(each)

    html = await text(admin, page)

    found = await chargebacks_of(app, booking)
    item = next(each for each in found if each.id != site.chargeback_id)
    for shown in ("evt_4711", "R-2026-", f"/admin/chargebacks/{item.id}", "5 are held.",
                  "A client&#39;s bank questions a payment."):  # fmt: skip
        assert shown in html, shown
    assert "Not me." not in html
