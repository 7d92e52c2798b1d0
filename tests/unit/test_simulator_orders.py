"""Orders, attempts and refunds of the simulator change their states as at Cashfree."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.unit.simulator_client import KEYS, URL, SimulatorClient, a_simulator_client


@pytest.fixture
async def merchant(tmp_path: Path) -> AsyncIterator[SimulatorClient]:
    async with a_simulator_client(tmp_path) as merchant:
        yield merchant


async def test_an_order_expires_by_the_clock(merchant: SimulatorClient) -> None:
    await merchant.order()
    before = (await merchant.get("/orders/ord_1"))["order_status"]

    await merchant.control("clock", advance_s=16 * 60)

    after = (await merchant.get("/orders/ord_1"))["order_status"]
    refused = await merchant.client.post(f"{URL}/control/pay", json={"order_id": "ord_1"})
    assert (before, after) == ("ACTIVE", "EXPIRED")
    assert (refused.status_code, refused.json()["code"]) == (409, "order_inactive")


async def test_an_attempt_started_in_time_pays_the_expired_order(merchant: SimulatorClient) -> None:
    await merchant.order()
    await merchant.control("clock", advance_s=15 * 60)
    attempt = await merchant.control("pay", order_id="ord_1", outcome="pending")
    await merchant.control("clock", advance_s=10 * 60)

    answer = await merchant.control("settle", cf_payment_id=attempt["cf_payment_id"])

    assert (answer["order_status"], answer["payment_status"]) == ("PAID", "SUCCESS")


async def test_a_success_after_the_attempts_own_life_is_given_back(
    merchant: SimulatorClient,
) -> None:
    await merchant.order()
    attempt = await merchant.control("pay", order_id="ord_1", outcome="pending")
    await merchant.control("clock", advance_s=21 * 60)
    closed = (await merchant.get("/orders/ord_1/payments"))[0]["payment_status"]

    answer = await merchant.control("settle", cf_payment_id=attempt["cf_payment_id"])

    (refund,) = await merchant.get("/orders/ord_1/refunds")
    assert (closed, answer["payment_status"]) == ("FAILED", "CANCELLED")
    assert (answer["order_status"], refund["refund_type"]) == ("EXPIRED", "PAYMENT_AUTO_REFUND")
    assert (await merchant.totals())["balance"] == 0


async def test_a_late_payment_was_started_in_time(merchant: SimulatorClient) -> None:
    await merchant.order()
    await merchant.control("clock", advance_s=10 * 60 * 60)

    answer = await merchant.control("pay", order_id="ord_1", late=True)

    assert (answer["order_status"], answer["payment_status"]) == ("PAID", "SUCCESS")


async def test_a_second_success_is_refunded_and_announced(merchant: SimulatorClient) -> None:
    await merchant.paid()

    second = await merchant.control("pay", order_id="ord_1")
    await merchant.control("clock", advance_s=0)

    (refund,) = await merchant.get("/orders/ord_1/refunds")
    statuses = {p["payment_status"] for p in await merchant.get("/orders/ord_1/payments")}
    assert statuses == {"SUCCESS"}
    assert refund["cf_payment_id"] == second["cf_payment_id"]
    assert (refund["refund_type"], refund["refund_id"]) == ("PAYMENT_AUTO_REFUND", None)
    assert "AUTO_REFUND_STATUS_WEBHOOK" in merchant.hook.kinds


async def test_terminating_waits_for_the_attempt_under_way(merchant: SimulatorClient) -> None:
    await merchant.order()
    attempt = await merchant.control("pay", order_id="ord_1", outcome="pending")
    end = {"order_status": "TERMINATED"}

    asked = await merchant.api("PATCH", "/orders/ord_1", json=end)
    done = await merchant.control(
        "settle", cf_payment_id=attempt["cf_payment_id"], outcome="dropped"
    )

    assert asked.json()["order_status"] == "TERMINATION_REQUESTED"
    assert done["order_status"] == "TERMINATED"


async def test_a_paid_order_cannot_be_terminated(merchant: SimulatorClient) -> None:
    await merchant.paid()

    response = await merchant.api("PATCH", "/orders/ord_1", json={"order_status": "TERMINATED"})

    assert (response.status_code, response.json()["code"]) == (400, "order_already_paid")


@pytest.mark.parametrize(
    ("note", "status"), [("SUCCESS", "SUCCESS"), ("FAILED", "CANCELLED"), ("PENDING", "PENDING")]
)
async def test_a_refund_note_can_decide_the_outcome(
    merchant: SimulatorClient, note: str, status: str
) -> None:
    await merchant.paid()
    body = {"refund_id": "rfd1", "refund_amount": 4800, "refund_note": note}
    await merchant.api("POST", "/orders/ord_1/refunds", json=body)

    await merchant.control("clock", advance_s=60)

    assert (await merchant.get("/orders/ord_1/refunds/rfd1"))["refund_status"] == status


async def test_a_refund_takes_its_time_and_is_announced(merchant: SimulatorClient) -> None:
    await merchant.paid()
    body = {"refund_id": "rfd1", "refund_amount": 1000.5}
    asked = (await merchant.api("POST", "/orders/ord_1/refunds", json=body)).json()

    await merchant.control("clock", advance_s=1)

    (refund,) = await merchant.get("/orders/ord_1/refunds")
    assert (asked["refund_status"], refund["refund_status"]) == ("PENDING", "SUCCESS")
    assert merchant.hook.kinds == ["PAYMENT_SUCCESS_WEBHOOK", "REFUND_STATUS_WEBHOOK"]
    assert b'"refund_amount":1000.50,' in merchant.hook.took[1].content


async def test_a_cancelled_refund_leaves_its_money_to_the_next(merchant: SimulatorClient) -> None:
    await merchant.paid()
    whole = {"refund_id": "rfd1", "refund_amount": 4800, "refund_note": "FAILED"}
    await merchant.api("POST", "/orders/ord_1/refunds", json=whole)

    again = await merchant.api(
        "POST", "/orders/ord_1/refunds", json={"refund_id": "rfd2", "refund_amount": 4800}
    )

    assert again.status_code == 200


async def test_attempts_can_be_made_and_decided_over_the_api(merchant: SimulatorClient) -> None:
    order = await merchant.order()
    body = {
        "payment_session_id": order["payment_session_id"],
        "payment_method": {"upi": {"channel": "link"}},
    }
    no_keys = {"x-api-version": KEYS["x-api-version"]}
    paying = await merchant.client.post(f"{URL}/pg/orders/sessions", json=body, headers=no_keys)
    cf_payment_id = paying.json()["cf_payment_id"]
    request = {
        "entity": "PAYMENTS",
        "entity_id": cf_payment_id,
        "entity_simulation": {"payment_status": "SUCCESS"},
    }

    simulation = (await merchant.api("POST", "/simulate", json=request)).json()

    assert await merchant.get(f"/simulate/{simulation['simulation_id']}") == simulation
    payment = await merchant.get(f"/orders/ord_1/payments/{cf_payment_id}")
    assert payment["payment_status"] == "SUCCESS"
    assert (await merchant.get("/orders/ord_1"))["order_status"] == "PAID"


@pytest.mark.parametrize(
    ("address", "status"), [("testsuccess@gocash", "SUCCESS"), ("testfailure@gocash", "FAILED")]
)
async def test_known_upi_addresses_answer_by_themselves(
    merchant: SimulatorClient, address: str, status: str
) -> None:
    order = await merchant.order()
    upi = {"upi": {"channel": "collect", "upi_id": address}}
    body = {"payment_session_id": order["payment_session_id"], "payment_method": upi}
    await merchant.api("POST", "/orders/sessions", json=body)

    await merchant.control("clock", advance_s=1)

    (payment,) = await merchant.get("/orders/ord_1/payments")
    assert payment["payment_status"] == status
