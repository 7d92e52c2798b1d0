"""Opening an order at Cashfree: what is sent, and what each answer means for the caller."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from adapters.cashfree.breaker import FAILURES, OPEN_FOR
from adapters.cashfree.settings import CashfreeSettings
from adapters.cashfree.wire import BYTES_AT_MOST
from ports.payments import Customer, GatewayRefused, GatewayUnavailable
from tests.log_lines import lines_of
from tests.unit.fake_cashfree import ENTITY, ORDER, SETTINGS, TAKEN, Cashfree


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


async def test_an_existing_order_with_another_amount_is_refused(cashfree: Cashfree) -> None:
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

    assert len(lines_of(caplog, "adapters.cashfree")) == 1
    assert SETTINGS.client_secret not in caplog.text


async def test_after_many_failures_nobody_waits_for_cashfree(cashfree: Cashfree) -> None:
    cashfree.on("POST /pg/orders", *[httpx.ReadTimeout("slow")] * FAILURES, (200, ENTITY))
    for _ in range(FAILURES + 5):
        with pytest.raises(GatewayUnavailable):
            await cashfree.gateway.open(ORDER)
    asked_while_open = len(cashfree.asked)

    cashfree.clock.advance(OPEN_FOR)
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
