"""The server on this machine: errors, the payment page, and the sending of webhooks."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from world import KEY_SECRET, World

from onehour.api import OrderId, OrderStatus, OrderUnknown

LINK = {"amount": 480_000, "currency": "INR", "reference_id": "ord_1"}


async def refused(world: World, path: str, body: dict[str, Any], **headers: str) -> str:
    answer = await world.http.post(path, json=body, headers=headers)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert set(error) >= {"code", "description", "source", "step", "reason", "metadata"}
    assert error["code"] == "BAD_REQUEST_ERROR"
    return str(error["description"])


async def test_a_wrong_key_opens_nothing(world: World) -> None:
    answer = await world.http.get("/v1/payments", auth=("rzp_test_abc", "wrong"))

    assert (answer.status_code, answer.json()["error"]["description"]) == (
        401,
        "Authentication failed",
    )


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"amount": 99}, "amount"),
        ({"amount": "480000"}, "amount"),
        ({"expire_by": 1}, "expire_by"),
        ({"reference_id": "o" * 41}, "reference_id"),
    ],
)
async def test_a_wrong_link_is_refused(world: World, wrong: dict[str, Any], field: str) -> None:
    assert field in await refused(world, "/v1/payment_links", LINK | wrong)
    assert world.provider.links(None) == []


async def test_a_reference_is_used_once(world: World) -> None:
    await world.http.post("/v1/payment_links", json=LINK)

    assert "already exists" in await refused(world, "/v1/payment_links", LINK)


async def test_an_idempotency_key_stands_for_one_refund(world: World) -> None:
    order = await world.paid()
    (payment,) = world.provider.payments()
    path, key = f"/v1/payments/{payment['id']}/refund", {"X-Refund-Idempotency": "0123456789"}

    first = await world.http.post(path, json={"amount": 100}, headers=key)
    again = await world.http.post(path, json={"amount": 100}, headers=key)
    other = await refused(world, path, {"amount": 200}, **key)
    short = await refused(world, path, {"amount": 100}, **{"X-Refund-Idempotency": "012345678"})

    assert first.json() == again.json()
    assert "Different request with the same idempotency key" in other
    assert "at least 10 characters" in short
    assert len(world.provider.refunds()) == 1
    assert (await world.gateway.fetch_order(order.id)).status is OrderStatus.PAID


async def test_unknown_addresses_and_methods_have_the_shape_of_errors(world: World) -> None:
    for answer in (await world.http.get("/v1/nothing"), await world.http.delete("/v1/payments")):
        assert answer.status_code in (404, 405)
        assert answer.json()["error"]["code"] == "BAD_REQUEST_ERROR"


async def test_a_customer_pays_on_the_page_and_returns(world: World) -> None:
    order = await world.order()
    url = await world.gateway.open(order)

    page = await world.http.get(url)
    paid = await world.http.post(url, data={"method": "card", "outcome": "success"})

    assert "Pay INR 4,800.00" in page.text and order.note in page.text
    assert "<script" not in page.text
    assert paid.status_code == 303
    address, _, query = paid.headers["location"].partition("?")
    given = dict(parse_qsl(query))
    parts = ("payment_link_id", "payment_link_reference_id", "payment_link_status", "payment_id")
    signed = "|".join(given[f"razorpay_{part}"] for part in parts)
    assert address == order.return_url
    assert given["razorpay_payment_link_reference_id"] == order.id
    assert (
        given["razorpay_signature"]
        == hmac.new(KEY_SECRET.encode(), signed.encode(), hashlib.sha256).hexdigest()
    )
    assert (await world.gateway.fetch_order(order.id)).attempts[0].method == "card"


async def test_after_a_failure_the_page_asks_again(world: World) -> None:
    url = await world.gateway.open(await world.order())

    failed = await world.http.post(url, data={"method": "upi", "outcome": "failed"})

    assert failed.status_code == 200
    assert "The payment failed" in failed.text and "Pay INR" in failed.text


async def test_the_bank_answers_late(world: World) -> None:
    order = await world.order()
    url = await world.gateway.open(order)

    await world.http.post(url, data={"method": "upi", "outcome": "late"})
    before = await world.gateway.fetch_order(order.id)
    world.clock.advance(timedelta(seconds=11))
    after = await world.gateway.fetch_order(order.id)

    assert (before.status, after.status) == (OrderStatus.OPEN, OrderStatus.PAID)


@pytest.mark.parametrize("ended", ["paid", "expired", "cancelled"])
async def test_a_page_that_has_ended_takes_no_money(world: World, ended: str) -> None:
    order = await world.order()
    url = await world.gateway.open(order)
    if ended == "paid":
        await world.pay(order.id)
    elif ended == "expired":
        await world.let_expire(order)
    else:
        await world.gateway.close(order.id)
    before = world.provider.payments()

    answers = [
        await world.http.get(url),
        await world.http.post(url, data={"method": "upi", "outcome": "success"}),
    ]

    assert [answer.status_code for answer in answers] == [200, 409]
    assert all("Back to the seller" in answer.text for answer in answers)
    assert not any("<button" in answer.text for answer in answers)
    assert world.provider.payments() == before


async def test_an_unknown_page_says_so(world: World) -> None:
    answers = [await world.http.get(f"/l/{link}") for link in ("plink_1", "a/b")]

    assert [answer.status_code for answer in answers] == [400, 404]
    assert all("Not possible" in answer.text for answer in answers)


async def test_webhooks_are_sent_until_the_site_accepts_them(world: World) -> None:
    await world.paid()
    world.site_answers = 503
    first = await world.webhooks()
    at_once = await world.webhooks()
    world.clock.advance(timedelta(seconds=3))
    world.site_answers = 200
    again = await world.webhooks()
    world.clock.advance(timedelta(hours=1))

    assert len(first) == 4 and at_once == []
    assert again == first
    assert await world.webhooks() == []


async def test_what_is_never_accepted_is_given_up_after_a_day(world: World) -> None:
    await world.paid()
    world.site_answers = 500
    tries = 0
    for _ in range(30):
        tries += bool(await world.webhooks())
        world.clock.advance(timedelta(hours=6))

    assert 2 <= tries <= 20
    assert await world.webhooks() == []


async def test_an_answer_that_was_lost_is_a_webhook_that_was_not_accepted(world: World) -> None:
    await world.paid()
    world.site_answers = 0
    await world.webhooks()
    world.clock.advance(timedelta(seconds=3))

    assert len(world.provider.webhooks_to_send()) == 4


async def test_the_demo_pays_without_webhooks(world: World) -> None:
    order = await world.opened()

    await world.server.pay(order.id)

    assert (await world.gateway.fetch_order(order.id)).status is OrderStatus.PAID
    assert await world.webhooks() == []
    with pytest.raises(OrderUnknown):
        await world.server.pay(OrderId("ord_2"))


async def test_the_webhooks_are_sent_in_the_background(world: World) -> None:
    await world.paid()
    world.server.deliveries = world.deliveries
    await world.server.start()
    async with asyncio.timeout(10):
        for _ in range(4):
            await world.arrivals.acquire()
    await world.server.stop()

    assert urlsplit(str(world.sent[0].url)).path == "/webhooks/razorpay"


async def test_the_page_has_its_style_in_a_file_of_this_server(world: World) -> None:
    link = (await world.http.post("/v1/payment_links", json=LINK)).json()

    page = await world.http.get(f"/l/{link['id']}")
    style = await world.http.get("/static/page.css")

    assert f'href="{world.provider.settings.public_url}/static/page.css"' in page.text
    assert "style-src 'self'" in page.headers["Content-Security-Policy"]
    assert style.status_code == 200
    assert style.headers["Content-Type"].startswith("text/css")
