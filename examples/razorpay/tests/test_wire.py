"""What answers mean: a final refusal, or that nobody knows yet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from onehour_razorpay import wire
from onehour_razorpay.gateway import RazorpayGateway
from onehour_razorpay.wire import BYTES_AT_MOST, Account
from world import World

from onehour.api import GatewayRefused, GatewayUnavailable, OrderId, OrderUnknown
from onehour.testing.payments_setup import a_refund

ACCOUNT = Account("https://api.razorpay.com", "rzp_live_1", "a secret", ("another",))
Answer = Callable[[httpx.Request], httpx.Response]


def gateway(answer: Answer) -> RazorpayGateway:
    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return RazorpayGateway(client, ACCOUNT)


def error(status: int, description: str = "The id provided does not exist") -> httpx.Response:
    body = {"error": {"code": "BAD_REQUEST_ERROR", "description": description}}
    return httpx.Response(status, json=body)


@pytest.mark.parametrize(
    "answer",
    [
        *(httpx.Response(status) for status in (301, 401, 403, 408, 409, 425, 429, 500, 503)),
        error(400, "Authentication failed"),
        error(400, "The api key provided is invalid"),
        error(400, "Your account does not have enough balance to carry out the refund operation."),
        httpx.Response(200, content=b"{"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"payment_links": None}),
        httpx.Response(200, json={"payment_links": [1]}),
        httpx.Response(200, json={"payment_links": [{}] * 100}),
        httpx.Response(200, content=b'{"payment_links": []' + b" " * BYTES_AT_MOST + b"}"),
    ],
)
async def test_it_is_not_known_yet(answer: httpx.Response) -> None:
    with pytest.raises(GatewayUnavailable):
        await gateway(lambda request: answer).fetch_order(OrderId("ord_1"))


@pytest.mark.parametrize("failure", [httpx.ConnectError("refused"), httpx.ReadTimeout("late")])
async def test_without_an_answer_it_is_not_known_either(failure: Exception) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise failure

    with pytest.raises(GatewayUnavailable):
        await gateway(answer).fetch_order(OrderId("ord_1"))


async def test_a_call_ends_without_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silence(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await asyncio.Event().wait()
            raise AssertionError

    monkeypatch.setattr(wire, "SECONDS_PER_CALL", 0.01)
    async with asyncio.timeout(10), httpx.AsyncClient(transport=Silence()) as client:
        with pytest.raises(GatewayUnavailable):
            await RazorpayGateway(client, ACCOUNT).fetch_order(OrderId("ord_1"))


async def test_no_other_address_gets_the_key() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "api.razorpay.com":
            return httpx.Response(307, headers={"location": "https://other.example/"})
        return httpx.Response(200, json={"payment_links": []})

    with pytest.raises(GatewayUnavailable):
        await gateway(answer).fetch_order(OrderId("ord_1"))


async def test_another_refusal_is_final() -> None:
    with pytest.raises(GatewayRefused):
        await gateway(lambda request: error(400)).fetch_order(OrderId("ord_1"))


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"description": "The payment has been\nfully refunded", "code": "BAD_REQUEST_ERROR"},
         "The payment has been fully refunded"),
        ({"description": None, "code": "BAD_REQUEST_ERROR"}, "BAD_REQUEST_ERROR"),
        ({"description": "x" * 1_000}, "x" * 200),
        ({"description": ["x"], "code": 7}, ""),
    ],
)  # fmt: skip
async def test_a_refused_refund_has_the_words_of_razorpay(
    world: World, said: dict[str, Any], reason: str
) -> None:
    link = {"id": "plink_1", "reference_id": "ord_1", "order_id": "order_1"}
    paid = {"id": "pay_1", "status": "captured", "captured": True}
    lists = {"payment_links": [link], "payments": [paid], "refunds": []}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(400, json={"error": said})
        last = request.url.path.rpartition("/")[2]
        return httpx.Response(200, json={last: lists[last], "items": lists[last]})

    order = await world.order(order_id="ord_1")
    with pytest.raises(GatewayRefused) as refused:
        await gateway(answer).refund(a_refund(order, order.amount))

    assert refused.value.reason == reason


async def test_a_refund_of_what_was_not_paid_says_so(world: World) -> None:
    order = await world.opened()

    with pytest.raises(GatewayRefused) as refused:
        await world.gateway.refund(a_refund(order, order.amount))

    assert refused.value.reason == "The payment link is not paid."


async def test_a_list_that_was_not_filtered_names_no_order() -> None:
    other = {"id": "plink_1", "reference_id": "ord_2", "status": "paid"}

    with pytest.raises(OrderUnknown):
        await gateway(lambda request: httpx.Response(200, json={"payment_links": [other]})).close(
            OrderId("ord_1")
        )


async def test_two_links_of_one_order_are_reported(caplog: pytest.LogCaptureFixture) -> None:
    same = {"id": "plink_1", "reference_id": "ord_1", "status": "created"}
    answer = httpx.Response(200, json={"payment_links": [same, same]})

    with pytest.raises(GatewayUnavailable):
        await gateway(lambda request: answer).close(OrderId("ord_1"))

    assert "Razorpay has 2 links with the reference ord_1" in caplog.text


async def test_neither_key_nor_secret_is_in_the_log(
    caplog: pytest.LogCaptureFixture, world: World
) -> None:
    caplog.set_level("DEBUG")
    with pytest.raises(GatewayUnavailable):
        await gateway(lambda request: error(401)).open(await world.order())

    assert "Razorpay does not accept the key" in caplog.text
    assert "a secret" not in caplog.text + repr(ACCOUNT)


async def test_the_request_for_a_link(world: World) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        link = {"short_url": "https://rzp.io/i/1", "amount": 480_000, "currency": "INR"}
        return httpx.Response(200, json=link)

    order = await world.order()
    url = await gateway(answer).open(order)

    (request,) = asked
    body: dict[str, Any] = httpx.Response(200, content=request.content).json()
    assert url == "https://rzp.io/i/1"
    assert str(request.url) == "https://api.razorpay.com/v1/payment_links"
    assert request.headers["authorization"].startswith("Basic ")
    # A compressed answer could be longer than its limit.
    assert request.headers["accept-encoding"] == "identity"
    assert body["reference_id"] == order.id
    assert body["expire_by"] == int(order.expires_at.timestamp())
    assert (body["callback_url"], body["callback_method"]) == (order.return_url, "get")
    assert body["customer"] == {"name": "Asha Rao", "email": "asha@example.org"}
    assert body["notify"] == {"sms": False, "email": False}
