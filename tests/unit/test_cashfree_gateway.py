"""The adapter's calls: what is sent, and what each answer means for the caller."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from adapters.cashfree import CashfreeGateway, CashfreeSettings
from adapters.cashfree.breaker import FAILURES, REST
from adapters.cashfree.wire import BYTES_AT_MOST
from adapters.memory.clock import StillClock
from core.money import Money
from core.payments import OrderId, OrderStatus, RefundId, RefundStatus
from ports.payments import (
    Customer,
    GatewayRefused,
    GatewayUnavailable,
    Order,
    OrderUnknown,
    RefundOrder,
)

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
SETTINGS = CashfreeSettings(
    base_url="https://sandbox.example/pg",
    client_id="shop",
    client_secret="shop-secret",
    checkout_base="https://onehour.example/checkout",
    notify_url="https://onehour.example/webhooks/cashfree",
)
ORDER = Order(
    id=OrderId("ord_1"),
    amount=Money(480_000),
    customer=Customer("cli_1", "Asha Rao", "asha@example.org", "9876543210"),
    expires_at=NOW + timedelta(minutes=16),
    return_url="https://onehour.example/payments/{order_id}",
    note="One hour with Ravi",
)
REFUND = RefundOrder(RefundId("rfd1"), ORDER.id, Money(100_050), "Booking cancelled")
ENTITY = {
    "order_id": "ord_1",
    "order_amount": 4800,
    "order_currency": "INR",
    "order_status": "ACTIVE",
    "payment_session_id": "session_abc/d",
}
REFUND_ENTITY = {
    "cf_refund_id": "7",
    "cf_payment_id": "55",
    "refund_id": "rfd1",
    "refund_amount": 1000.5,
    "refund_currency": "INR",
    "refund_status": "PENDING",
    "refund_type": "MERCHANT_INITIATED",
}
TAKEN = {"message": "taken", "code": "order_already_exists", "type": "invalid_request_error"}


class Cashfree:
    """Answers the adapter from a table of `METHOD path`, in turn; remembers what it was sent."""

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []
        self.answers: dict[str, list[httpx.Response | Exception]] = {}
        self.clock = StillClock(NOW)
        client = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        self.gateway = CashfreeGateway(client, SETTINGS, self.clock)

    def on(self, call: str, *answers: tuple[int, object] | Exception | httpx.Response) -> None:
        """The last answer is repeated."""
        self.answers[call] = [
            httpx.Response(a[0], json=a[1]) if isinstance(a, tuple) else a for a in answers
        ]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        waiting = self.answers[f"{request.method} {request.url.path}"]
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    @property
    def calls(self) -> list[str]:
        return [f"{request.method} {request.url.path}" for request in self.asked]


@pytest.fixture
def cashfree() -> Cashfree:
    return Cashfree()


async def test_an_order_is_sent_as_cashfree_wants_it(cashfree: Cashfree) -> None:
    cashfree.on("POST /pg/orders", (200, ENTITY))

    url = await cashfree.gateway.open(ORDER)

    (request,) = cashfree.asked
    assert url == "https://onehour.example/checkout/session_abc%2Fd"
    assert b'"order_amount":4800.00,' in request.content
    assert json.loads(request.content) == {
        "order_id": "ord_1",
        "order_amount": 4800.0,
        "order_currency": "INR",
        "order_expiry_time": "2026-03-02T10:16:00Z",
        "customer_details": {
            "customer_id": "cli1",
            "customer_phone": "9876543210",
            "customer_name": "Asha Rao",
            "customer_email": "asha@example.org",
        },
        "order_meta": {
            "return_url": "https://onehour.example/payments/{order_id}",
            "notify_url": "https://onehour.example/webhooks/cashfree",
        },
        "order_note": "One hour with Ravi",
    }
    assert request.headers["x-client-id"] == "shop"
    assert request.headers["x-client-secret"] == "shop-secret"
    assert request.headers["x-api-version"] == "2025-01-01"


async def test_a_repeat_is_byte_for_byte_the_same(cashfree: Cashfree) -> None:
    cashfree.on("POST /pg/orders", httpx.ReadTimeout("slow"), (200, ENTITY))

    with pytest.raises(GatewayUnavailable):
        await cashfree.gateway.open(ORDER)
    await cashfree.gateway.open(ORDER)

    first, again = cashfree.asked
    assert first.content == again.content
    assert first.headers["x-idempotency-key"] == again.headers["x-idempotency-key"]


async def test_what_cashfree_would_not_take_is_made_to_fit(cashfree: Cashfree) -> None:
    cashfree.on("POST /pg/orders", (200, ENTITY))
    customer = Customer("x" * 60, "Al", "a@example.org", phone=None)

    await cashfree.gateway.open(replace(ORDER, customer=customer, note="n" * 300))

    sent = json.loads(cashfree.asked[0].content)
    details = sent["customer_details"]
    assert len(details["customer_id"]) == 32
    assert details["customer_phone"] == "9999999999"
    assert "customer_name" not in details
    assert len(sent["order_note"]) == 200


@pytest.mark.parametrize("status", [400, 409, 422])
async def test_an_order_that_is_there_already_is_found(cashfree: Cashfree, status: int) -> None:
    cashfree.on("POST /pg/orders", (status, TAKEN))
    cashfree.on("GET /pg/orders/ord_1", (200, ENTITY))

    assert (await cashfree.gateway.open(ORDER)).endswith("/session_abc%2Fd")


async def test_an_order_that_is_there_for_another_amount_is_refused(cashfree: Cashfree) -> None:
    cashfree.on("POST /pg/orders", (409, TAKEN))
    cashfree.on("GET /pg/orders/ord_1", (200, ENTITY | {"order_amount": 4800.01}))

    with pytest.raises(GatewayRefused):
        await cashfree.gateway.open(ORDER)


async def test_an_order_cashfree_does_not_take_is_refused(cashfree: Cashfree) -> None:
    cashfree.on("POST /pg/orders", (400, {"code": "order_amount_invalid"}))
    cashfree.on("GET /pg/orders/ord_1", (404, {"code": "order_not_found"}))

    with pytest.raises(GatewayRefused):
        await cashfree.gateway.open(ORDER)


async def test_a_remembered_failure_is_asked_past(cashfree: Cashfree) -> None:
    replayed = httpx.Response(500, json={}, headers={"x-idempotency-replayed": "true"})
    cashfree.on("POST /pg/orders", replayed, (200, ENTITY))

    await cashfree.gateway.open(ORDER)

    assert ["x-idempotency-key" in request.headers for request in cashfree.asked] == [True, False]


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("half an answer"),
        httpx.Response(500),
        httpx.Response(502),
        httpx.Response(503),
        httpx.Response(429),
        httpx.Response(408),
        httpx.Response(302),
        httpx.Response(200, content=b"<html>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={}),
        httpx.Response(200, content=b"[" * 100_000),
        httpx.Response(200, content=b" " * (BYTES_AT_MOST + 1)),
    ],
)
async def test_an_unknown_outcome_is_unavailable(
    cashfree: Cashfree, answer: httpx.Response | Exception
) -> None:
    cashfree.on("POST /pg/orders", answer)

    with pytest.raises(GatewayUnavailable):
        await cashfree.gateway.open(ORDER)


@pytest.mark.parametrize("status", [401, 403])
async def test_wrong_keys_are_the_operators_problem(
    cashfree: Cashfree, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    cashfree.on("POST /pg/orders", (status, {"code": "request_failed"}))

    with caplog.at_level(logging.ERROR), pytest.raises(GatewayUnavailable):
        await cashfree.gateway.open(ORDER)

    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert SETTINGS.client_secret not in caplog.text


async def test_looking_at_an_unpaid_order_takes_two_calls(cashfree: Cashfree) -> None:
    cashfree.on("GET /pg/orders/ord_1", (200, ENTITY))
    cashfree.on("GET /pg/orders/ord_1/payments", (200, []))

    facts = await cashfree.gateway.look(ORDER.id)

    assert facts.status is OrderStatus.OPEN
    assert sorted(cashfree.calls) == ["GET /pg/orders/ord_1", "GET /pg/orders/ord_1/payments"]


async def test_the_refunds_of_a_paid_order_are_seen_too(cashfree: Cashfree) -> None:
    cashfree.on("GET /pg/orders/ord_1", (200, ENTITY | {"order_status": "PAID"}))
    cashfree.on("GET /pg/orders/ord_1/payments", (200, []))
    cashfree.on("GET /pg/orders/ord_1/refunds", (200, [REFUND_ENTITY]))

    facts = await cashfree.gateway.look(ORDER.id)

    assert [(refund.ours, refund.amount) for refund in facts.refunds] == [("rfd1", REFUND.amount)]


async def test_an_order_cashfree_never_heard_of_is_unknown(cashfree: Cashfree) -> None:
    cashfree.on("GET /pg/orders/ord_1", (404, {}))
    cashfree.on("GET /pg/orders/ord_1/payments", (404, {}))

    with pytest.raises(OrderUnknown):
        await cashfree.gateway.look(ORDER.id)


async def test_one_silent_call_makes_the_whole_look_unavailable(cashfree: Cashfree) -> None:
    cashfree.on("GET /pg/orders/ord_1", (200, ENTITY))
    cashfree.on("GET /pg/orders/ord_1/payments", httpx.ReadTimeout("slow"))

    with pytest.raises(GatewayUnavailable):
        await cashfree.gateway.look(ORDER.id)


@pytest.mark.parametrize("status", ["PAID", "EXPIRED", "TERMINATED", "TERMINATION_REQUESTED"])
async def test_closing_what_has_ended_is_no_failure(cashfree: Cashfree, status: str) -> None:
    cashfree.on("PATCH /pg/orders/ord_1", (400, {"code": "order_inactive"}))
    cashfree.on("GET /pg/orders/ord_1", (200, ENTITY | {"order_status": status}))

    await cashfree.gateway.close(ORDER.id)


async def test_closing_that_is_refused_on_an_open_order_is_told(cashfree: Cashfree) -> None:
    cashfree.on("PATCH /pg/orders/ord_1", (400, {"code": "feature_not_enabled"}))
    cashfree.on("GET /pg/orders/ord_1", (200, ENTITY))

    with pytest.raises(GatewayRefused):
        await cashfree.gateway.close(ORDER.id)


async def test_a_refund_is_sent_with_our_id(cashfree: Cashfree) -> None:
    cashfree.on("POST /pg/orders/ord_1/refunds", (200, REFUND_ENTITY))

    fact = await cashfree.gateway.refund(REFUND)

    assert cashfree.asked[0].content == (
        b'{"refund_id":"rfd1","refund_amount":1000.50,"refund_note":"Booking cancelled"}'
    )
    assert (fact.id, fact.ours, fact.status) == ("7", "rfd1", RefundStatus.SENT)


@pytest.mark.parametrize("status", [400, 409, 422])
async def test_a_refund_that_is_there_already_is_found(cashfree: Cashfree, status: int) -> None:
    cashfree.on("POST /pg/orders/ord_1/refunds", (status, {"code": "refund_id_already_exists"}))
    cashfree.on("GET /pg/orders/ord_1/refunds/rfd1", (200, REFUND_ENTITY))

    assert (await cashfree.gateway.refund(REFUND)).id == "7"


async def test_a_refund_id_used_for_another_amount_is_refused(cashfree: Cashfree) -> None:
    cashfree.on("POST /pg/orders/ord_1/refunds", (409, {"code": "refund_id_already_exists"}))
    other = REFUND_ENTITY | {"refund_amount": 1000.51}
    cashfree.on("GET /pg/orders/ord_1/refunds/rfd1", (200, other))

    with pytest.raises(GatewayRefused):
        await cashfree.gateway.refund(REFUND)


async def test_a_refund_cashfree_does_not_take_is_refused(cashfree: Cashfree) -> None:
    cashfree.on("POST /pg/orders/ord_1/refunds", (400, {"code": "refund_amount_invalid"}))
    cashfree.on("GET /pg/orders/ord_1/refunds/rfd1", (404, {"code": "refund_get_not_found"}))

    with pytest.raises(GatewayRefused):
        await cashfree.gateway.refund(REFUND)


async def test_orders_and_refunds_have_keys_of_their_own(cashfree: Cashfree) -> None:
    cashfree.on("POST /pg/orders", (200, ENTITY))
    cashfree.on("POST /pg/orders/ord_1/refunds", (200, REFUND_ENTITY))

    await cashfree.gateway.open(ORDER)
    await cashfree.gateway.refund(REFUND)

    keys = {request.headers["x-idempotency-key"] for request in cashfree.asked}
    assert len(keys) == 2


async def test_after_many_failures_nobody_waits_for_cashfree(cashfree: Cashfree) -> None:
    cashfree.on("POST /pg/orders", *[httpx.ReadTimeout("slow")] * FAILURES, (200, ENTITY))
    for _ in range(FAILURES + 5):
        with pytest.raises(GatewayUnavailable):
            await cashfree.gateway.open(ORDER)
    asked_while_open = len(cashfree.asked)

    cashfree.clock.advance(REST)
    url = await cashfree.gateway.open(ORDER)

    assert asked_while_open == FAILURES
    assert url


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_url": "https://sandbox.example"},
        {"client_id": ""},
        {"client_secret": ""},
        {"webhook_secrets": ("good", "")},
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, object]) -> None:
    change: Callable[..., CashfreeSettings] = replace

    with pytest.raises(ValueError, match="Cashfree"):
        change(SETTINGS, **wrong)


def test_settings_do_not_show_their_secret() -> None:
    assert "shop-secret" not in repr(SETTINGS)
