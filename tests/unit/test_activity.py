"""The activity page and its API: one's own entries, in words, in pages."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from core.accounts import Account, AccountId
from core.audit import audit_message
from plugins.manager import Plugins
from tests.app import CALLER, PASSWORD, MemoryApp
from tests.plugins.site import site_with
from web.shared.paging import next_cursor

if TYPE_CHECKING:
    from quart.typing import TestClientProtocol


@pytest.fixture
def client(app: MemoryApp) -> TestClientProtocol:
    return site_with(app, Plugins()).test_client()


async def log_in(client: TestClientProtocol, account: Account) -> None:
    token = (await (await client.get("/api/v1/csrf")).get_json())["token"]
    answer = await client.post(
        "/api/v1/auth/login",
        json={"email": account.email, "password": PASSWORD},
        headers={"X-CSRF-Token": token},
    )
    assert answer.status_code == 200


async def listed(client: TestClientProtocol, query: str = "") -> Any:
    answer = await client.get(f"/api/v1/me/activity{query}")
    assert answer.status_code == 200
    return await answer.get_json()


async def on_record(app: MemoryApp, account: Account, *whats: str) -> None:
    """A minute apart, from now on."""
    for number, what in enumerate(whats):
        message = audit_message(
            what, f"{what}:{number}", account=account.id, at=app.clock.now(),
            address="203.0.113.77", device="Firefox on Linux",
        )  # fmt: skip
        await app.store.repositories.outbox.add(message)
        await app.pass_time(timedelta(minutes=1))


async def test_activity_is_shown_as_text_and_never_with_a_whole_address(
    app: MemoryApp, client: TestClientProtocol
) -> None:
    account, _ = await app.client()
    began = app.clock.now()
    await on_record(app, account, "password_changed")
    await log_in(client, account)

    shown = await listed(client)

    (mine,) = [item for item in shown["items"] if item["what"] == "password_changed"]
    assert mine == {
        "at": began.isoformat().replace("+00:00", "Z"),
        "what": "password_changed",
        "words": "Password changed",
        "actor": "you",
        "address": "203.0.113.0/24",
        "device": "Firefox on Linux",
        "detail": {},
    }


async def test_activity_comes_in_pages_the_latest_first(
    app: MemoryApp, client: TestClientProtocol
) -> None:
    account, _ = await app.client()
    await on_record(app, account, "totp_on", "totp_off", "exported")
    await log_in(client, account)

    first = await listed(client, "?limit=2")
    second = await listed(client, f"?limit=2&cursor={first['next']}")

    shown = [item["what"] for item in (*first["items"], *second["items"])]
    assert [what for what in shown if what in ("totp_on", "totp_off", "exported")] == [
        "exported", "totp_off", "totp_on",
    ]  # fmt: skip
    assert len(first["items"]) == 2


async def test_each_side_sees_its_own_money_and_not_the_others_account(
    app: MemoryApp, client: TestClientProtocol
) -> None:
    (payer, _), developer = await app.client(), await app.developer()
    job = await app.delivered(payer, developer)
    await app.services.jobs.approve(job.id, by=payer.id)
    await app.run()
    works = AccountId(developer.account_id)
    await log_in(client, await app.services.factors.set_two_factor(works, on=False, caller=CALLER))

    shown = await listed(client)
    page = await (await client.get("/account/activity")).get_data(as_text=True)

    money = [item for item in shown["items"] if "amount" in item["detail"]]
    assert [(item["what"], item["actor"]) for item in money] == [("money_released", "another")]
    booking = await app.booking(job.booking_id)
    earning = booking.earning
    assert money[0]["detail"] == {
        "booking": booking.id, "number": booking.number,
        "amount": str(earning.amount), "currency": "INR",
    }  # fmt: skip
    assert payer.id not in page
    assert "Payment released" in page
    assert "The other party of the booking" in page
    assert f"/bookings/{job.booking_id}" in page


async def test_the_page_links_to_earlier_entries(
    app: MemoryApp, client: TestClientProtocol
) -> None:
    account, _ = await app.client()
    await on_record(app, account, "email_changed", *["step_up"] * 20)
    await log_in(client, account)

    first = await (await client.get("/account/activity")).get_data(as_text=True)
    (link,) = re.findall(r'href="(/account/activity\?cursor=[^"]+)"', first)
    second = await client.get(unescape(link))

    assert "E-mail address changed" not in first
    assert "Show earlier" in first
    assert "E-mail address changed" in await second.get_data(as_text=True)


async def test_an_empty_activity_page_says_what_will_appear_there(
    app: MemoryApp, client: TestClientProtocol
) -> None:
    account, _ = await app.client()
    await log_in(client, account)

    async with client.app.test_request_context("/account/activity"):
        before_all = next_cursor("0")
    page = await client.get("/account/activity", query_string={"cursor": before_all})

    assert page.status_code == 200
    assert "No earlier activity" in await page.get_data(as_text=True)


async def test_activity_is_for_those_who_are_logged_in(client: TestClientProtocol) -> None:
    assert (await client.get("/api/v1/me/activity")).status_code == 401
    assert (await client.get("/account/activity")).status_code in (302, 303)
