"""Refunds of the simulator look as at Cashfree, in the API and in webhooks."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.simulator_client import SimulatorClient, a_simulator_client

FOREX = {
    "forex_conversion_handling_charge",
    "forex_conversion_handling_tax",
    "forex_conversion_rate",
    "charges_currency",
}
COMMON = FOREX | {
    "cf_refund_id",
    "cf_payment_id",
    "refund_id",
    "order_id",
    "entity",
    "refund_amount",
    "refund_currency",
    "refund_note",
    "refund_status",
    "refund_type",
    "refund_arn",
    "refund_splits",
    "status_description",
    "metadata",
    "created_at",
    "processed_at",
}
IN_API = COMMON | {"refund_charge", "refund_mode", "refund_speed"}
IN_WEBHOOK = COMMON | {"requested_speed", "processed_speed", "service_charge", "service_tax"}


@pytest.fixture
async def merchant(tmp_path: Path) -> AsyncIterator[SimulatorClient]:
    async with a_simulator_client(tmp_path) as merchant:
        await merchant.paid()
        yield merchant


async def refunded(merchant: SimulatorClient, **said: object) -> Any:
    """A refund of the whole order, asked for and settled."""
    body = {"refund_id": "rfd1", "refund_amount": 4800} | said
    response = await merchant.api("POST", "/orders/ord_1/refunds", json=body)
    assert response.status_code == 200, response.text
    await merchant.control("clock", advance_s=1)
    return await merchant.get("/orders/ord_1/refunds/rfd1")


@pytest.mark.parametrize(("note", "status"), [("SUCCESS", "SUCCESS"), ("FAILED", "CANCELLED")])
async def test_api_and_webhook_have_the_fields_of_cashfree_and_agree(
    merchant: SimulatorClient, note: str, status: str
) -> None:
    refund = await refunded(merchant, refund_note=note)

    webhook = json.loads(merchant.hook.took[-1].content)
    announced = webhook["data"]["refund"]
    assert webhook["type"] == "REFUND_STATUS_WEBHOOK"
    assert (set(refund), set(announced)) == (IN_API, IN_WEBHOOK)
    assert {field: refund[field] for field in COMMON} == {
        field: announced[field] for field in COMMON
    }
    assert (announced["entity"], announced["refund_status"]) == ("refund", status)


async def test_a_refund_that_was_not_made_has_no_time_and_no_bank_number(
    merchant: SimulatorClient,
) -> None:
    refund = await refunded(merchant, refund_note="FAILED")

    assert (refund["processed_at"], refund["refund_arn"]) == (None, None)
    assert refund["refund_speed"]["processed"] is None


@pytest.mark.parametrize(
    ("asked", "speed"), [({}, "STANDARD"), ({"refund_speed": "INSTANT"}, "INSTANT")]
)
async def test_the_requested_speed_is_returned(
    merchant: SimulatorClient, asked: dict[str, str], speed: str
) -> None:
    refund = await refunded(merchant, **asked)

    announced = json.loads(merchant.hook.took[-1].content)["data"]["refund"]
    assert refund["refund_speed"] == {
        "requested": speed,
        "accepted": speed,
        "processed": speed,
        "message": None,
    }
    assert refund["refund_mode"] == speed
    assert (announced["requested_speed"], announced["processed_speed"]) == (speed, speed)


async def test_splits_are_kept_and_announced(merchant: SimulatorClient) -> None:
    shares = [{"vendor_id": "ravi", "amount": 1000.5}, {"vendor_id": "asha", "percentage": 10}]

    refund = await refunded(merchant, refund_splits=shares)

    announced = json.loads(merchant.hook.took[-1].content)["data"]["refund"]
    assert refund["refund_splits"] == shares
    assert announced["refund_splits"] == [
        {"merchantVendorId": "ravi", "amount": 1000.5, "percentage": None},
        {"merchantVendorId": "asha", "amount": None, "percentage": 10},
    ]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"refund_id": None}, "refund_id_missing"),
        ({"refund_id": ""}, "refund_id_invalid"),
        ({"refund_id": "rfd_1"}, "refund_id_invalid"),
        ({"refund_id": 12345}, "refund_id_invalid"),
        ({"refund_amount": None}, "refund_amount_missing"),
        ({"refund_amount": "10"}, "refund_amount_invalid"),
        ({"refund_amount": 4800.01}, "refund_amount_invalid"),
        ({"refund_speed": "FAST"}, "refund_speed_invalid"),
        ({"refund_speed": ["INSTANT"]}, "refund_speed_invalid"),
        ({"refund_splits": [{"vendor_id": "ravi", "amount": 4801}]}, "refund_splits_invalid"),
    ],
)
async def test_a_missing_field_and_a_wrong_one_are_different_errors(
    merchant: SimulatorClient, change: dict[str, Any], code: str
) -> None:
    body = {"refund_id": "rfd1", "refund_amount": 10} | change

    response = await merchant.api("POST", "/orders/ord_1/refunds", json=body)

    assert (response.status_code, response.json()["code"]) == (400, code)
    assert await merchant.get("/orders/ord_1/refunds") == []


async def test_a_repeat_with_another_speed_is_another_refund(merchant: SimulatorClient) -> None:
    first = await refunded(merchant)
    body = {"refund_id": "rfd1", "refund_amount": 4800}

    same = await merchant.api("POST", "/orders/ord_1/refunds", json=body)
    other = await merchant.api(
        "POST", "/orders/ord_1/refunds", json=body | {"refund_speed": "INSTANT"}
    )

    assert same.json() == first
    assert (other.status_code, other.json()["code"]) == (409, "refund_id_already_exists")
