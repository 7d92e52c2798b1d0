"""Many requests at once, messages out of order, unexpected payments: one hour, one booking."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from core.payout_accounts import plain_name
from tests.api_client import API, ApiClient, later, until
from tests.process.running import RunningApp

pytestmark = pytest.mark.process

WEBHOOK = f"{API}/webhooks/payments/cashfree"
SECRET = "simulator-secret"
PRICE = 240_000


async def register_clients(app: RunningApp, size: int) -> list[ApiClient]:
    """That many clients, each with an account of their own."""
    return list(await asyncio.gather(*(app.client() for _ in range(size))))


def booking_request(profile: str, start: str) -> dict[str, Any]:
    return {"developer_id": profile, "start": start, "hours": 1, "brief": "It is slow."}


async def held(app: RunningApp) -> tuple[ApiClient, Any]:
    client = await app.client()
    _, profile = await app.developer()
    return client, await client.book(profile, await client.free_start(profile))


def webhook_body(booking: Any, payment: str = "1", **more: Any) -> bytes:
    """The body of a success webhook, as Cashfree would write it."""
    return json.dumps(
        {
            "type": "PAYMENT_SUCCESS_WEBHOOK",
            "event_time": "2026-01-02T10:02:01+05:30",
            "data": {
                "order": {"order_id": f"ord_{booking['id'].partition('_')[2]}", **more},
                "payment": {"cf_payment_id": payment, "payment_status": "SUCCESS"},
            },
        }
    ).encode()


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    timestamp = str(time.time_ns() // 1_000_000)
    digest = hmac.digest(secret.encode(), timestamp.encode() + body, hashlib.sha256)
    return {
        "Content-Type": "application/json",
        "x-webhook-timestamp": timestamp,
        "x-webhook-signature": b64encode(digest).decode(),
    }


async def deliver(http: httpx.AsyncClient, body: bytes, headers: Mapping[str, str]) -> int:
    return (await http.post(WEBHOOK, content=body, headers=dict(headers))).status_code


async def paid_lines(app: RunningApp, booking: Any) -> list[str]:
    rows = await app.rows("transactions", {"booking_id": booking["id"]})
    return sorted(row["kind"] for row in rows)


async def test_fifty_clients_want_one_hour(running: RunningApp) -> None:
    clients = await register_clients(running, 12)
    _, profile = await running.developer()
    start = await clients[0].free_start(profile, skip=8)

    answers = await asyncio.gather(
        *(
            clients[n % 12].raw("POST", "/bookings", booking_request(profile, start))
            for n in range(50)
        )
    )

    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 49}
    refusals = [answer for answer in answers if answer.status_code == 409]
    assert {a.headers["Content-Type"] for a in refusals} == {"application/problem+json"}
    rows = await running.rows("bookings", {"developer.id": profile})
    assert [row["status"] for row in rows] == ["held"]


async def test_overlapping_hours_are_one_hour(running: RunningApp) -> None:
    clients = await register_clients(running, 10)
    _, profile = await running.developer()
    first = await clients[0].free_start(profile, skip=8)
    starts = [first, later(first, minutes=30)]

    answers = await asyncio.gather(
        *(
            clients[n % 10].raw("POST", "/bookings", booking_request(profile, starts[n % 2]))
            for n in range(50)
        )
    )

    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 49}


async def test_one_key_makes_one_booking(running: RunningApp) -> None:
    client = await running.client()
    _, profile = await running.developer()
    request = booking_request(profile, await client.free_start(profile))

    async def book_until_answered() -> httpx.Response:
        """In flight is answered with 409; the answer is there a moment later."""

        async def look() -> httpx.Response | None:
            answer = await client.raw("POST", "/bookings", request, key="one-wish")
            if answer.status_code == 409:
                assert answer.json()["code"] != "hour_taken", answer.text
                return None
            return answer

        found: httpx.Response = await until(look, what="an answer")
        return found

    answers = await asyncio.gather(*(book_until_answered() for _ in range(20)))
    other = await client.raw("POST", "/bookings", {**request, "hours": 2}, key="one-wish")

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len(await running.rows("bookings", {"developer.id": profile})) == 1
    assert other.status_code == 422


async def test_the_return_page_alone_finds_the_money(running: RunningApp) -> None:
    """Without a webhook, and with scripts or without: each asks the provider by itself."""
    for path in ("return", "return/state"):
        client, booking = await held(running)
        await client.pay(booking["checkout"]["order_id"], webhook="never")

        page = await client.http.get(f"/bookings/{booking['id']}/{path}")
        after = await client.get(f"/bookings/{booking['id']}")

        assert 'data-state="paid"' in page.text
        assert after["status"] == "requested"


@pytest.mark.parametrize("bodies", ["the same", "different"])
async def test_five_webhooks_at_once_pay_once(running: RunningApp, bodies: str) -> None:
    client, booking = await held(running)
    paid = await client.pay(booking["checkout"]["order_id"], webhook="never")
    fact = paid["cf_payment_id"]
    many = [webhook_body(booking, fact, n=n if bodies == "different" else 0) for n in range(5)]

    statuses = await asyncio.gather(*(deliver(client.http, each, signed(each)) for each in many))
    await client.booking_in("requested", booking["id"])

    assert statuses == [200] * 5
    assert await paid_lines(running, booking) == ["pay"]
    assert len(await running.rows("jobs", {"booking_id": booking["id"]})) == 1


async def test_a_forged_webhook_changes_nothing(running: RunningApp) -> None:
    client, booking = await held(running)
    body, before = webhook_body(booking), await running.rows("inbox")
    good = signed(body)

    for sent, headers in (
        (body, signed(body, "another-secret")),
        (body.replace(b"SUCCESS", b"success"), good),
        (body + b" ", good),
        (body, {**good, "x-webhook-timestamp": "1"}),
        (body[1:], {**good, "x-webhook-timestamp": good["x-webhook-timestamp"] + "{"}),
        (body, {k: v for k, v in good.items() if k != "x-webhook-signature"}),
        (b"", {}),
    ):
        assert await deliver(client.http, sent, headers) in (400, 401)

    assert await running.rows("inbox") == before
    assert (await client.get(f"/bookings/{booking['id']}"))["status"] == "held"


async def test_a_true_webhook_is_only_a_hint(running: RunningApp) -> None:
    client, booking = await held(running)
    body = webhook_body(booking, "77", order_amount=1)

    status = await deliver(client.http, body, signed(body))
    await client.post(f"/payments/{booking['payment']['id']}/refresh")

    assert status == 200
    assert (await client.get(f"/bookings/{booking['id']}"))["status"] == "held"
    assert await paid_lines(running, booking) == []


@pytest.mark.parametrize(
    "body",
    [
        b'{"type": "\\ud800", "data": {"order": {"order_id": "\\ud800"}}}',
        b'{"type": "X", "data": {"order": {"order_id": NaN}}}',
        b'{"type": "X", "data": {"order": {"order_id": "ord_1", "order_id": "ord_2"}}}',
        b'{"type": "X", "data": {"order": {"order_id": 1' + b"0" * 5_000 + b"}}}",
        b"[" * 50_000,
        b"\xff\xfe\x00",
    ],
)
async def test_a_signed_webhook_that_cannot_be_read_is_kept(
    running: RunningApp, body: bytes
) -> None:
    status = await deliver(running.api_client().http, body, signed(body))

    (kept,) = await running.rows("inbox", {"body": body})
    assert (status, kept["kind"], kept["order_id"]) == (200, "unreadable", "")


async def test_a_webhook_for_an_unknown_order_is_answered_with_success(running: RunningApp) -> None:
    body = webhook_body({"id": "bkg_nobody_knows"})

    assert await deliver(running.api_client().http, body, signed(body)) == 200


async def test_the_browser_is_back_before_the_webhook(running: RunningApp) -> None:
    client, booking = await held(running)
    order = booking["checkout"]["order_id"]
    await client.pay(order, webhook="delayed", delay_s=1)

    page = await client.http.get(f"/bookings/{booking['id']}/return")
    after = await client.get(f"/bookings/{booking['id']}")
    await until(lambda: running.rows("inbox", {"order_id": order}), what="the webhook")

    assert page.status_code == 200, page.text
    assert after["status"] == "requested"
    assert await paid_lines(running, booking) == ["pay"]


async def test_without_a_webhook_asking_finds_the_money(running: RunningApp) -> None:
    client, booking = await held(running)
    await client.pay(booking["checkout"]["order_id"], webhook="never")
    assert (await client.get(f"/bookings/{booking['id']}"))["status"] == "held"

    payment = await client.post(f"/payments/{booking['payment']['id']}/refresh")

    assert payment["status"] == "paid"
    assert (await client.get(f"/bookings/{booking['id']}"))["status"] == "requested"


async def test_without_a_webhook_the_poll_finds_the_money(running: RunningApp) -> None:
    """Ten seconds after the opening of the checkout."""
    client, booking = await held(running)

    await client.pay(booking["checkout"]["order_id"], webhook="never")

    await client.booking_in("requested", booking["id"])
    asked = {"kind": "payments.poll", "state": "done"}
    done = {row["_id"] for row in await running.rows("effects", asked)}
    later = {f"{booking['payment']['id']}:{turn}:payments.poll" for turn in range(1, 9)}
    assert done.isdisjoint(later)


@pytest.mark.parametrize("other", ["approve", "deliver"])
async def test_cancelling_and_another_step_at_once(running: RunningApp, other: str) -> None:
    """Of work that was delivered before the meeting, cancelling or approving wins. A delivery does
    not keep anybody from cancelling, but the developer is asked first."""
    client, developer, booking = await confirmed(running)
    job = (await client.get(f"/bookings/{booking['id']}"))["job_id"]
    steps = [client.raw("POST", f"/bookings/{booking['id']}/cancel")]
    if other == "approve":
        await developer.post(f"/jobs/{job}/deliveries", {"note": "Done."}, expect=201)
        steps += [client.raw("POST", f"/jobs/{job}/approve") for _ in range(3)]
    else:
        steps.append(developer.raw("POST", f"/jobs/{job}/deliveries", {"note": "Done."}))

    cancelled, *answers = [answer.status_code for answer in await asyncio.gather(*steps)]

    found = await client.get(f"/bookings/{booking['id']}")
    if cancelled == 200:
        assert {409} == set(answers) or other == "deliver"
        if found["status"] == "confirmed":  # the work had been delivered before
            await agree(running, developer, job)
            found = await client.get(f"/bookings/{booking['id']}")
        assert found["status"] == "cancelled"
        await is_refunded_in_full(running, client, booking)
    else:
        assert (cancelled, sorted(answers)) == (409, [200, 409, 409])
        assert found["status"] == "completed"
        assert await paid_lines(running, booking) == ["pay", "release"]
    await running.balances_are_equal()


async def agree(app: RunningApp, developer: ApiClient, job: str) -> None:
    """Accept the refund that the client proposed by cancelling."""
    (dispute,) = await app.rows("disputes", {"job_id": job})
    case = await developer.get(f"/disputes/{dispute['_id']}")
    (offer,) = case["offers"]
    await developer.post(f"/disputes/{case['id']}/offers/{offer['id']}/accept")


async def confirmed(app: RunningApp) -> tuple[ApiClient, ApiClient, Any]:
    """A client, a developer and a booking of theirs that starts in more than a day."""
    client = await app.client()
    developer, profile = await app.developer()
    booking = await client.book(profile, await client.free_start(profile, skip=200))
    await client.pay(booking["checkout"]["order_id"])
    await client.booking_in("requested", booking["id"])
    await developer.post(f"/bookings/{booking['id']}/accept")
    return client, developer, booking


async def test_a_second_payment_is_refunded(running: RunningApp) -> None:
    client, booking = await held(running)
    order = booking["checkout"]["order_id"]

    await client.pay(order)
    await client.booking_in("requested", booking["id"])
    await client.pay(order)

    async def returned() -> bool:
        return await paid_lines(running, booking) == ["extra", "pay", "refund"]

    await until(returned, what="the second payment returned")
    await running.balances_are_equal()
    assert (await client.get(f"/bookings/{booking['id']}"))["status"] == "requested"


async def test_two_payments_at_once_are_one_and_one_back(running: RunningApp) -> None:
    client, booking = await held(running)
    order = booking["checkout"]["order_id"]

    await asyncio.gather(client.pay(order), client.pay(order))
    await client.booking_in("requested", booking["id"])

    async def returned() -> bool:
        return await paid_lines(running, booking) == ["extra", "pay", "refund"]

    await until(returned, what="the second payment returned")
    await running.balances_are_equal()


async def test_another_amount_is_left_to_a_person(running: RunningApp) -> None:
    client, booking = await held(running)

    await client.pay(booking["checkout"]["order_id"], amount=1)

    async def found() -> list[dict[str, Any]]:
        return await running.rows("findings", {"subject": booking["payment"]["id"]})

    findings = await until(found, what="a finding")
    assert [each["kind"] for each in findings] == ["amount_mismatch"]
    assert (await client.get(f"/bookings/{booking['id']}"))["status"] == "held"
    assert await paid_lines(running, booking) == ["suspense"]
    await running.balances_are_equal()


async def test_late_money_for_a_free_hour_is_the_booking(running: RunningApp) -> None:
    client, booking = await held(running)
    await expire_hold(running, client, booking)

    await client.pay(booking["checkout"]["order_id"], late=True)

    await client.booking_in("requested", booking["id"])
    assert await paid_lines(running, booking) == ["pay"]


async def test_late_money_for_a_taken_hour_is_refunded(running: RunningApp) -> None:
    client, booking = await held(running)
    other = await running.client()
    await expire_hold(running, client, booking)
    taken = await other.book(booking["developer"]["id"], booking["start"])

    await client.pay(booking["checkout"]["order_id"], late=True)

    await is_refunded(running, client, booking)
    assert (await other.get(f"/bookings/{taken['id']}"))["status"] == "held"


async def test_money_for_a_released_hour_is_refunded(running: RunningApp) -> None:
    client, booking = await held(running)
    await client.post(f"/bookings/{booking['id']}/release")

    await client.pay(booking["checkout"]["order_id"], late=True)

    await is_refunded(running, client, booking)


async def expire_hold(app: RunningApp, client: ApiClient, booking: Any) -> None:
    """The provider requires orders of more than 15 minutes: the end of the hold is set to now."""
    now = datetime.now(UTC)
    async with app.database() as database:
        await database["bookings"].update_one({"_id": booking["id"]}, {"$set": {"hold_ends": now}})
        await database["effects"].update_one(
            {"_id": f"{booking['id']}:bookings.expire"}, {"$set": {"due_at": now, "next_at": now}}
        )
    await client.booking_in("expired", booking["id"])


async def is_refunded(app: RunningApp, client: ApiClient, booking: Any) -> None:
    """The payment is refunded and there is no job."""
    await is_refunded_in_full(app, client, booking)
    assert await app.rows("jobs", {"booking_id": booking["id"]}) == []


async def is_refunded_in_full(app: RunningApp, client: ApiClient, booking: Any) -> None:
    async def returned() -> bool:
        payment = await client.get(f"/payments/{booking['payment']['id']}")
        return bool(payment["status"] == "refunded" and payment["refunded"]["amount"] == PRICE)

    await until(returned, what="the money back")
    assert await paid_lines(app, booking) == ["pay", "refund"]


async def test_of_twenty_withdrawals_at_once_one_is_made(running: RunningApp) -> None:
    """Each asks for all that is ready, with a key of its own."""
    client, developer, booking = await confirmed(running)
    await earn(running, client, developer, booking)
    account = {"kind": "bank", "number": "50100482170937", "ifsc": "HDFC0000240"}
    holder = plain_name(booking["developer"]["name"])
    await developer.put("/payout-account", {**account, "holder": holder})
    await use_account_now(running, booking["developer"]["id"])
    ready = (await developer.get("/payout-account"))["ready"]

    answers = await asyncio.gather(
        *(
            developer.raw("POST", "/withdrawals", {"amount": ready}, key=f"withdrawal-{n}")
            for n in range(20)
        )
    )

    assert ready == {"amount": PRICE * 9 // 10, "currency": "INR"}
    statuses = Counter(answer.status_code for answer in answers)
    assert statuses[201] == 1, statuses
    assert set(statuses) <= {201, 409, 422}
    (made,) = (await developer.get("/withdrawals"))["items"]
    assert made["amount"] == ready
    assert (await developer.get("/payout-account"))["ready"]["amount"] == 0
    mine = {"developer_id": booking["developer"]["id"], "kind": "withdraw"}
    assert len(await running.rows("transactions", mine)) == 1
    await running.balances_are_equal()


async def earn(app: RunningApp, client: ApiClient, developer: ApiClient, booking: Any) -> None:
    """The work is delivered and approved, and its money is ready: the end of its clearing is set
    to now."""
    job = (await client.get(f"/bookings/{booking['id']}"))["job_id"]
    await developer.post(f"/jobs/{job}/deliveries", {"note": "Done."}, expect=201)
    await client.post(f"/jobs/{job}/approve")
    now = datetime.now(UTC)
    async with app.database() as database:
        await database["effects"].update_one(
            {"_id": f"{booking['id']}:payments.clear"}, {"$set": {"due_at": now, "next_at": now}}
        )

    async def cleared() -> bool:
        return bool((await developer.get("/payout-account"))["ready"]["amount"])

    await until(cleared, what="money that is ready")


async def use_account_now(app: RunningApp, developer: str) -> None:
    """The payout account was checked, and its freeze is over."""

    async def usable() -> bool:
        async with app.database() as database:
            done = await database["payout_accounts"].update_one(
                {"_id": developer, "state": "usable"},
                {"$set": {"usable_from": datetime.now(UTC)}},
            )
        return bool(done.matched_count)

    await until(usable, what="a payout account that the bank has checked")
