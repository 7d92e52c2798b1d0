"""The simulated API answers as Cashfree does, to good questions and to bad ones."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.simulators import KEYS, URL, Shop, a_shop, an_order, in_minutes


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with a_shop(tmp_path) as shop:
        yield shop


@pytest.mark.parametrize(
    ("change", "status", "kind"),
    [
        ({"x-client-secret": "wrong"}, 401, "authentication_error"),
        ({"x-client-id": "somebody"}, 401, "authentication_error"),
        ({"x-api-version": ""}, 400, "invalid_request_error"),
        ({"x-api-version": "latest"}, 400, "invalid_request_error"),
    ],
)
async def test_keys_and_version_are_checked(
    shop: Shop, change: dict[str, str], status: int, kind: str
) -> None:
    response = await shop.api("GET", "/orders/ord_1", headers=change)

    assert (response.status_code, response.json()["type"]) == (status, kind)


async def test_answers_carry_the_headers_of_cashfree(shop: Shop) -> None:
    response = await shop.api("GET", "/orders/ord_1", headers={"x-request-id": "r-1"})

    assert response.status_code == 404
    assert response.json()["code"] == "order_not_found"
    assert response.headers["x-request-id"] == "r-1"
    assert response.headers["x-api-version"] == "2025-01-01"
    assert response.headers["x-ratelimit-retry"] == "0"


async def test_amounts_keep_two_decimals_and_times_are_indian(shop: Shop) -> None:
    response = await shop.api("POST", "/orders", json=an_order(order_amount=170))

    assert '"order_amount":170.00,' in response.text
    assert response.json()["created_at"].endswith("+05:30")


async def test_a_repeat_under_the_same_key_is_answered_from_memory(shop: Shop) -> None:
    key = {"x-idempotency-key": "9d0a4b1e"}
    body = an_order()
    first = await shop.api("POST", "/orders", json=body, headers=key)

    again = await shop.api("POST", "/orders", json=body, headers=key)

    assert again.content == first.content
    replayed = [r.headers["x-idempotency-replayed"] for r in (first, again)]
    assert replayed == ["false", "true"]


async def test_refusals_are_remembered_too(shop: Shop) -> None:
    key = {"x-idempotency-key": "9d0a4b1e"}
    answers = [
        await shop.api("POST", "/orders/ord_1/refunds", json={"refund_id": "rfd1"}, headers=key)
        for _ in range(2)
    ]

    assert [r.status_code for r in answers] == [404, 404]
    assert [r.headers["x-idempotency-replayed"] for r in answers] == ["false", "true"]


async def test_a_key_stands_for_one_body(shop: Shop) -> None:
    key = {"x-idempotency-key": "9d0a4b1e"}
    await shop.api("POST", "/orders", json=an_order(), headers=key)

    other = await shop.api("POST", "/orders", json=an_order(order_amount=1), headers=key)

    assert (other.status_code, other.json()["type"]) == (422, "idempotency_error")


async def test_a_key_is_forgotten_after_a_day(shop: Shop) -> None:
    key = {"x-idempotency-key": "9d0a4b1e"}
    body = an_order(order_expiry_time=in_minutes(5 * 24 * 60))
    await shop.api("POST", "/orders", json=body, headers=key)

    await shop.control("clock", advance_s=24 * 60 * 60 + 1)
    later = await shop.api("POST", "/orders", json=body, headers=key)

    assert (later.status_code, later.json()["code"]) == (409, "order_already_exists")


async def test_an_order_id_is_used_once(shop: Shop) -> None:
    await shop.order()

    response = await shop.api("POST", "/orders", json=an_order())

    assert (response.status_code, response.json()["code"]) == (409, "order_already_exists")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"order_expiry_time": in_minutes(15)}, "order_expiry_time_invalid"),
        ({"order_expiry_time": in_minutes(30 * 24 * 60 + 1)}, "order_expiry_time_invalid"),
        ({"order_expiry_time": "soon"}, "order_expiry_time_invalid"),
        ({"order_amount": 0}, "order_amount_invalid"),
        ({"order_amount": 0.99}, "order_amount_invalid"),
        ({"order_amount": 10.005}, "order_amount_invalid"),
        ({"order_amount": "10"}, "order_amount_invalid"),
        ({"order_amount": None}, "order_amount_missing"),
        ({"order_currency": "USD"}, "order_currency_invalid"),
        ({"order_id": "a"}, "order_id_invalid"),
        ({"order_id": "spaces are bad"}, "order_id_invalid"),
        ({"order_note": "ab"}, "order_note_invalid"),
        ({"customer_details": None}, "customer_details_missing"),
        (
            {"customer_details": {"customer_id": "cli_1", "customer_phone": "9999999999"}},
            "customer_details.customer_id_invalid",
        ),
        (
            {"customer_details": {"customer_id": "cli1", "customer_phone": "+919999999999"}},
            "customer_details.customer_phone_invalid",
        ),
        ({"order_meta": {"return_url": "javascript:1"}}, "order_meta.return_url_invalid"),
        ({"order_tags": {"a": ""}}, "order_tags_invalid"),
    ],
)
async def test_a_bad_field_is_named(shop: Shop, change: dict[str, Any], code: str) -> None:
    response = await shop.api("POST", "/orders", json=an_order(**change))

    assert (response.status_code, response.json()["code"]) == (400, code)
    assert (await shop.books())["orders"] == []


@pytest.mark.parametrize("body", [b"{", b"[]", b"[" * 100_000, b"\xff"])
async def test_a_body_that_is_no_json_object_is_refused(shop: Shop, body: bytes) -> None:
    response = await shop.api("POST", "/orders", content=body)

    assert (response.status_code, response.json()["code"]) == (400, "request_failed")


async def test_an_order_expires_by_the_clock(shop: Shop) -> None:
    await shop.order()
    before = (await shop.get("/orders/ord_1"))["order_status"]

    await shop.control("clock", advance_s=16 * 60)

    after = (await shop.get("/orders/ord_1"))["order_status"]
    refused = await shop.client.post(f"{URL}/control/pay", json={"order_id": "ord_1"})
    assert (before, after) == ("ACTIVE", "EXPIRED")
    assert (refused.status_code, refused.json()["code"]) == (409, "order_inactive")


async def test_an_attempt_begun_in_time_pays_the_expired_order(shop: Shop) -> None:
    await shop.order()
    await shop.control("clock", advance_s=15 * 60)
    attempt = await shop.control("pay", order_id="ord_1", outcome="pending")
    await shop.control("clock", advance_s=10 * 60)

    answer = await shop.control("settle", cf_payment_id=attempt["cf_payment_id"])

    assert (answer["order_status"], answer["payment_status"]) == ("PAID", "SUCCESS")


async def test_a_success_after_the_attempts_own_life_is_given_back(shop: Shop) -> None:
    await shop.order()
    attempt = await shop.control("pay", order_id="ord_1", outcome="pending")
    await shop.control("clock", advance_s=21 * 60)
    closed = (await shop.get("/orders/ord_1/payments"))[0]["payment_status"]

    answer = await shop.control("settle", cf_payment_id=attempt["cf_payment_id"])

    (refund,) = await shop.get("/orders/ord_1/refunds")
    assert (closed, answer["payment_status"]) == ("FAILED", "CANCELLED")
    assert (answer["order_status"], refund["refund_type"]) == ("EXPIRED", "PAYMENT_AUTO_REFUND")
    assert (await shop.books())["balance"] == 0


async def test_late_means_begun_in_time(shop: Shop) -> None:
    await shop.order()
    await shop.control("clock", advance_s=10 * 60 * 60)

    answer = await shop.control("pay", order_id="ord_1", late=True)

    assert (answer["order_status"], answer["payment_status"]) == ("PAID", "SUCCESS")


async def test_a_second_success_is_given_back_and_announced(shop: Shop) -> None:
    await shop.paid()

    second = await shop.control("pay", order_id="ord_1")
    await shop.control("clock", advance_s=0)

    (refund,) = await shop.get("/orders/ord_1/refunds")
    statuses = {p["payment_status"] for p in await shop.get("/orders/ord_1/payments")}
    assert statuses == {"SUCCESS"}
    assert refund["cf_payment_id"] == second["cf_payment_id"]
    assert (refund["refund_type"], refund["refund_id"]) == ("PAYMENT_AUTO_REFUND", None)
    assert "AUTO_REFUND_STATUS_WEBHOOK" in shop.hook.kinds


async def test_terminating_waits_for_the_attempt_under_way(shop: Shop) -> None:
    await shop.order()
    attempt = await shop.control("pay", order_id="ord_1", outcome="pending")
    end = {"order_status": "TERMINATED"}

    asked = await shop.api("PATCH", "/orders/ord_1", json=end)
    done = await shop.control("settle", cf_payment_id=attempt["cf_payment_id"], outcome="dropped")

    assert asked.json()["order_status"] == "TERMINATION_REQUESTED"
    assert done["order_status"] == "TERMINATED"


async def test_a_paid_order_cannot_be_terminated(shop: Shop) -> None:
    await shop.paid()

    response = await shop.api("PATCH", "/orders/ord_1", json={"order_status": "TERMINATED"})

    assert (response.status_code, response.json()["code"]) == (400, "order_already_paid")


@pytest.mark.parametrize(
    ("note", "status"), [("SUCCESS", "SUCCESS"), ("FAILED", "FAILED"), ("PENDING", "PENDING")]
)
async def test_a_refund_note_can_decide_the_outcome(shop: Shop, note: str, status: str) -> None:
    await shop.paid()
    body = {"refund_id": "rfd1", "refund_amount": 4800, "refund_note": note}
    await shop.api("POST", "/orders/ord_1/refunds", json=body)

    await shop.control("clock", advance_s=60)

    assert (await shop.get("/orders/ord_1/refunds/rfd1"))["refund_status"] == status


async def test_a_refund_takes_its_time_and_is_announced(shop: Shop) -> None:
    await shop.paid()
    body = {"refund_id": "rfd1", "refund_amount": 1000.5}
    asked = (await shop.api("POST", "/orders/ord_1/refunds", json=body)).json()

    await shop.control("clock", advance_s=1)

    (refund,) = await shop.get("/orders/ord_1/refunds")
    assert (asked["refund_status"], refund["refund_status"]) == ("PENDING", "SUCCESS")
    assert shop.hook.kinds == ["PAYMENT_SUCCESS_WEBHOOK", "REFUND_STATUS_WEBHOOK"]
    assert b'"refund_amount":1000.50,' in shop.hook.took[1].content


async def test_a_failed_refund_leaves_its_money_to_the_next(shop: Shop) -> None:
    await shop.paid()
    whole = {"refund_id": "rfd1", "refund_amount": 4800, "refund_note": "FAILED"}
    await shop.api("POST", "/orders/ord_1/refunds", json=whole)

    again = await shop.api(
        "POST", "/orders/ord_1/refunds", json={"refund_id": "rfd2", "refund_amount": 4800}
    )

    assert again.status_code == 200


async def test_attempts_can_be_made_and_decided_over_the_api(shop: Shop) -> None:
    order = await shop.order()
    body = {
        "payment_session_id": order["payment_session_id"],
        "payment_method": {"upi": {"channel": "link"}},
    }
    no_keys = {"x-api-version": KEYS["x-api-version"]}
    paying = await shop.client.post(f"{URL}/pg/orders/sessions", json=body, headers=no_keys)
    cf_payment_id = paying.json()["cf_payment_id"]
    wish = {
        "entity": "PAYMENTS",
        "entity_id": cf_payment_id,
        "entity_simulation": {"payment_status": "SUCCESS"},
    }

    simulation = (await shop.api("POST", "/simulate", json=wish)).json()

    assert await shop.get(f"/simulate/{simulation['simulation_id']}") == simulation
    payment = await shop.get(f"/orders/ord_1/payments/{cf_payment_id}")
    assert payment["payment_status"] == "SUCCESS"
    assert (await shop.get("/orders/ord_1"))["order_status"] == "PAID"


@pytest.mark.parametrize(
    ("address", "status"), [("testsuccess@gocash", "SUCCESS"), ("testfailure@gocash", "FAILED")]
)
async def test_known_upi_addresses_answer_by_themselves(
    shop: Shop, address: str, status: str
) -> None:
    order = await shop.order()
    upi = {"upi": {"channel": "collect", "upi_id": address}}
    body = {"payment_session_id": order["payment_session_id"], "payment_method": upi}
    await shop.api("POST", "/orders/sessions", json=body)

    await shop.control("clock", advance_s=1)

    (payment,) = await shop.get("/orders/ord_1/payments")
    assert payment["payment_status"] == status
