"""The simulated API answers as Cashfree does, to right and to wrong requests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.simulator_client import (
    KEYS,
    URL,
    SimulatorClient,
    a_simulator_client,
    an_order,
    in_minutes,
)


@pytest.fixture
async def merchant(tmp_path: Path) -> AsyncIterator[SimulatorClient]:
    async with a_simulator_client(tmp_path) as merchant:
        yield merchant


@pytest.mark.parametrize(
    ("change", "status", "kind"),
    [
        ({"x-client-secret": "wrong"}, 401, "authentication_error"),
        ({"x-client-id": "somebody"}, 401, "authentication_error"),
        ({"x-api-version": ""}, 400, "invalid_request_error"),
        ({"x-api-version": "latest"}, 400, "invalid_request_error"),
        ({"x-api-version": "2024-02-30"}, 400, "invalid_request_error"),
    ],
)
async def test_keys_and_version_are_checked(
    merchant: SimulatorClient, change: dict[str, str], status: int, kind: str
) -> None:
    response = await merchant.api("GET", "/orders/ord_1", headers=change)

    assert (response.status_code, response.json()["type"]) == (status, kind)


@pytest.mark.parametrize(
    ("version", "code"),
    [
        ("", "request_failed"),
        ("2019-01-01", "version_invalid"),
        ("2025-01-02", "version_invalid"),
        ("2025-01-01", "order_not_found"),
        ("2026-01-01", "order_not_found"),
    ],
)
async def test_only_versions_that_exist_are_answered(
    merchant: SimulatorClient, version: str, code: str
) -> None:
    response = await merchant.api("GET", "/orders/ord_1", headers={"x-api-version": version})

    assert response.json()["code"] == code


@pytest.mark.parametrize(
    ("method", "path", "status", "allowed"),
    [
        ("GET", "/pg/nothing", 404, None),
        ("GET", "/nothing", 404, None),
        ("GET", "/control/nothing", 404, None),
        ("GET", "/static/nothing.css", 404, None),
        ("DELETE", "/pg/orders/ord_1", 405, {"GET", "HEAD", "OPTIONS", "PATCH"}),
        ("PUT", "/control/pay", 405, {"OPTIONS", "POST"}),
    ],
)
async def test_unknown_paths_and_methods_are_refused_as_json(
    merchant: SimulatorClient, method: str, path: str, status: int, allowed: set[str] | None
) -> None:
    response = await merchant.client.request(method, f"{URL}{path}", headers=KEYS)

    assert response.status_code == status
    assert response.headers["content-type"] == "application/json"
    assert set(response.json()) == {"message", "help", "code", "type"}
    assert response.json()["type"] == "invalid_request_error"
    allow = response.headers.get("allow")
    assert (None if allow is None else set(allow.split(", "))) == allowed


async def test_a_body_that_is_too_long_is_refused_as_json(merchant: SimulatorClient) -> None:
    response = await merchant.api("POST", "/orders", content=b" " * (1024 * 1024 + 1))

    assert (response.status_code, response.json()["code"]) == (413, "request_failed")


async def test_answers_carry_the_headers_of_cashfree(merchant: SimulatorClient) -> None:
    response = await merchant.api("GET", "/orders/ord_1", headers={"x-request-id": "r-1"})

    assert response.status_code == 404
    assert response.json()["code"] == "order_not_found"
    assert response.headers["x-request-id"] == "r-1"
    assert response.headers["x-api-version"] == "2025-01-01"
    assert response.headers["x-ratelimit-retry"] == "0"


async def test_amounts_keep_two_decimals_and_times_are_indian(merchant: SimulatorClient) -> None:
    response = await merchant.api("POST", "/orders", json=an_order(order_amount=170))

    assert '"order_amount":170.00,' in response.text
    assert response.json()["created_at"].endswith("+05:30")


async def test_a_repeat_under_the_same_key_is_answered_from_memory(
    merchant: SimulatorClient,
) -> None:
    key = {"x-idempotency-key": "9d0a4b1e"}
    body = an_order()
    first = await merchant.api("POST", "/orders", json=body, headers=key)

    again = await merchant.api("POST", "/orders", json=body, headers=key)

    assert again.content == first.content
    replayed = [r.headers["x-idempotency-replayed"] for r in (first, again)]
    assert replayed == ["false", "true"]


async def test_refusals_are_remembered_too(merchant: SimulatorClient) -> None:
    key = {"x-idempotency-key": "9d0a4b1e"}
    answers = [
        await merchant.api("POST", "/orders/ord_1/refunds", json={"refund_id": "rfd1"}, headers=key)
        for _ in range(2)
    ]

    assert [r.status_code for r in answers] == [404, 404]
    assert [r.headers["x-idempotency-replayed"] for r in answers] == ["false", "true"]


async def test_a_key_stands_for_one_body(merchant: SimulatorClient) -> None:
    key = {"x-idempotency-key": "9d0a4b1e"}
    await merchant.api("POST", "/orders", json=an_order(), headers=key)

    other = await merchant.api("POST", "/orders", json=an_order(order_amount=1), headers=key)

    assert (other.status_code, other.json()["type"]) == (422, "idempotency_error")


async def test_a_key_is_forgotten_after_a_day(merchant: SimulatorClient) -> None:
    key = {"x-idempotency-key": "9d0a4b1e"}
    body = an_order(order_expiry_time=in_minutes(5 * 24 * 60))
    await merchant.api("POST", "/orders", json=body, headers=key)

    await merchant.control("clock", advance_s=24 * 60 * 60 + 1)
    later = await merchant.api("POST", "/orders", json=body, headers=key)

    assert (later.status_code, later.json()["code"]) == (409, "order_already_exists")


async def test_an_order_id_is_used_once(merchant: SimulatorClient) -> None:
    await merchant.order()

    response = await merchant.api("POST", "/orders", json=an_order())

    assert (response.status_code, response.json()["code"]) == (409, "order_already_exists")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"order_expiry_time": in_minutes(5)}, "order_expiry_time_invalid"),
        ({"order_expiry_time": in_minutes(31 * 24 * 60)}, "order_expiry_time_invalid"),
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
            {"customer_details": {"customer_phone": "9999999999"}},
            "customer_details.customer_id_missing",
        ),
        (
            {"customer_details": {"customer_id": "cli1"}},
            "customer_details.customer_phone_missing",
        ),
        (
            {"customer_details": {"customer_id": "cli1", "customer_phone": "+919999999999"}},
            "customer_details.customer_phone_invalid",
        ),
        ({"order_meta": {"return_url": "javascript:1"}}, "order_meta.return_url_invalid"),
        ({"order_tags": {"a": ""}}, "order_tags_invalid"),
    ],
)
async def test_a_bad_field_is_named(
    merchant: SimulatorClient, change: dict[str, Any], code: str
) -> None:
    response = await merchant.api("POST", "/orders", json=an_order(**change))

    assert (response.status_code, response.json()["code"]) == (400, code)
    assert (await merchant.totals())["orders"] == []


@pytest.mark.parametrize("body", [b"{", b"[]", b"[" * 100_000, b"\xff"])
async def test_a_body_that_is_no_json_object_is_refused(
    merchant: SimulatorClient, body: bytes
) -> None:
    response = await merchant.api("POST", "/orders", content=body)

    assert (response.status_code, response.json()["code"]) == (400, "request_failed")
