"""How many database commands the page of a payment makes, whatever belongs to the payment."""

from __future__ import annotations

import json

from adapters.memory.payments import signed
from core.findings import FindingKind
from ports.findings import Finding
from tests.builders.chargebacks import question
from tests.contracts.commands import counted_app
from tests.web.site import Browser, app_of

MOST = 20


async def test_more_records_are_not_more_round_trips(mongo_url: str) -> None:
    async with counted_app(mongo_url) as (app, commands):
        (client, _), developer, admin = await app.client(), await app.developer(), await app.admin()
        booking = await app.paid(client, developer)
        await app.run()
        browser = Browser(app_of(app))
        await browser.look("/login")
        await browser.log_in(admin)
        await app.run()
        form = {"code": app.code_for(admin.email), "csrf_token": browser.token}
        await browser.ask("POST", "/login/code", form=form)

        async def trips() -> list[str]:
            commands.clear()
            answer = await browser.ask("GET", f"/admin/payments/{booking.payment_id}")
            assert answer.status_code == 200
            return list(commands.sent)

        before = await trips()
        order = await app.order_of(booking)
        for number in range(5):
            body = json.dumps({"id": f"evt_{number}", "order_id": order}).encode()
            await app.services.payments.receive_webhook("memory", signed(body), body)
            kind, subject = FindingKind.HELD_MONEY_WRONG, booking.payment_id
            finding = Finding(f"x:{number}", kind, subject, "", booking.start)
            await app.store.repositories.findings.report(finding)
        for _ in range(2):
            await question(app, booking)
        after = await trips()

    assert len(after) == len(before) <= MOST, after
