"""The page of a payment for administrators shows what belongs to it, with as many reads whatever
there is."""

from __future__ import annotations

import json
from dataclasses import replace

from adapters.memory.payments import signed
from core.findings import FindingKind
from core.policy import DAY
from core.withdrawals import WithdrawalId
from ports.findings import Finding
from services.withdrawals import WITHDRAWALS
from tests.builders.chargebacks import chargebacks_of, question
from tests.builders.withdrawals import stored_withdrawal
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


async def test_it_shows_the_audit_entries_and_the_withdrawals_since_the_release() -> None:
    site = await build_site_with_booking()
    app = site.app
    (client, _), developer = await app.client("Nora Lindqvist"), await app.developer("Ananya Iyer")
    job = await app.delivered(client, developer, hours=2)
    booking = await app.booking(job.booking_id)
    made = await stored_withdrawal(app, developer)
    admin, page = await site.browser_for(Who.ADMIN), f"/admin/payments/{booking.payment_id}"
    held = await text(admin, page)
    await app.services.jobs.approve(job.id, by=client.id)
    await app.run()
    nothing = await text(admin, page)
    later = replace(
        made, id=WithdrawalId(f"wd_{'9' * 26}"), requested_at=app.clock.now()
    )  # fmt: skip
    await app.store.repositories.documents(WITHDRAWALS).add(later)

    html = await text(admin, page)

    assert "Withdrawals since the release" not in held
    assert "None was requested." in nothing
    assert f"/admin/withdrawals/{later.id}" in html
    assert f"/admin/withdrawals/{made.id}" not in html
    audit = html.partition('<h2 id="audit">')[2].partition("</section>")[0]
    for shown in ("In the trail of", "Payment released", "Nora Lindqvist", "Ananya Iyer"):
        assert shown in audit, shown
    assert "read your data" not in audit
