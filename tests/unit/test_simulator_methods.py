"""The payment method that was chosen is the one that payments and webhooks show."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.simulator_client import URL, SimulatorClient, a_simulator_client

IN_BOTH = {
    "cf_payment_id",
    "payment_status",
    "payment_amount",
    "payment_currency",
    "payment_message",
    "payment_time",
    "bank_reference",
    "auth_id",
    "payment_method",
    "payment_group",
    "international_payment",
    "payment_surcharge",
}
IN_API = IN_BOTH | {
    "order_id",
    "entity",
    "order_amount",
    "order_currency",
    "payment_completion_time",
    "is_captured",
    "error_details",
    "authorization",
    "payment_gateway_details",
}
DATA = {
    "order",
    "payment",
    "customer_details",
    "payment_gateway_details",
    "payment_offers",
}
BANK = "Simulated Bank"
CREDIT_CARD = {
    "channel": "link",
    "card_number": "XXXXXXXXXXXX1111",
    "card_network": "visa",
    "card_type": "credit_card",
    "card_sub_type": "R",
    "card_country": "IN",
    "card_bank_name": BANK,
    "card_network_reference_id": None,
    "instrument_id": None,
}
UPI = {"channel": "link", "upi_id": "customer@simulator"}
NO_ACCOUNT = {"upi_payer_ifsc": None, "upi_payer_account_number": None}
CHOICES: list[tuple[dict[str, Any], str, dict[str, Any]]] = [
    ({"upi": {"channel": "link"}}, "upi", {"upi": UPI | NO_ACCOUNT}),
    (
        {"upi": {"channel": "collect", "upi_id": "asha@bank"}},
        "upi",
        {"upi": {"channel": "collect", "upi_id": "asha@bank"} | NO_ACCOUNT},
    ),
    (
        {"card": {"channel": "link", "card_number": "4111 1111 1111 1111", "card_cvv": "123"}},
        "credit_card",
        {"card": CREDIT_CARD},
    ),
    (
        {"card": {"channel": "post", "card_number": "6074825972083818"}},
        "debit_card",
        {
            "card": CREDIT_CARD
            | {
                "channel": "post",
                "card_number": "XXXXXXXXXXXX3818",
                "card_network": "rupay",
                "card_type": "debit_card",
            }
        },
    ),
    (
        {"netbanking": {"channel": "link", "netbanking_bank_code": 3021}},
        "net_banking",
        {
            "netbanking": {
                "channel": "link",
                "netbanking_bank_code": 3021,
                "netbanking_bank_name": BANK,
                "netbanking_ifsc": None,
                "netbanking_account_number": None,
            }
        },
    ),
    (
        {"app": {"channel": "link", "provider": "paytm", "phone": "9999999999"}},
        "wallet",
        {"app": {"channel": "link", "provider": "paytm", "phone": "9999999999"}},
    ),
    (
        {"paylater": {"channel": "link", "provider": "lazypay"}},
        "pay_later",
        {"paylater": {"channel": "link", "provider": "lazypay", "phone": None}},
    ),
    (
        {"cardless_emi": {"channel": "link", "provider": "zestmoney"}},
        "cardless_emi",
        {"cardless_emi": {"channel": "link", "provider": "zestmoney", "phone": None}},
    ),
    (
        {"banktransfer": {"channel": "link"}},
        "bank_transfer",
        {
            "banktransfer": {
                "channel": "link",
                "banktransfer_bank_name": BANK,
                "banktransfer_ifsc": None,
                "banktransfer_account_number": None,
            }
        },
    ),
]


@pytest.fixture
async def merchant(tmp_path: Path) -> AsyncIterator[SimulatorClient]:
    async with a_simulator_client(tmp_path) as merchant:
        yield merchant


async def start(merchant: SimulatorClient, chosen: object) -> Any:
    """Start an attempt with this method; the answer."""
    order = await merchant.order()
    body = {"payment_session_id": order["payment_session_id"], "payment_method": chosen}
    return await merchant.api("POST", "/orders/sessions", json=body)


def announced(merchant: SimulatorClient) -> Any:
    return json.loads(merchant.hook.took[-1].content)["data"]


@pytest.mark.parametrize(("chosen", "group", "shown"), CHOICES)
async def test_the_chosen_method_is_shown_everywhere(
    merchant: SimulatorClient, chosen: dict[str, Any], group: str, shown: dict[str, Any]
) -> None:
    started = (await start(merchant, chosen)).json()
    await merchant.control("settle", cf_payment_id=started["cf_payment_id"], outcome="success")

    (payment,) = await merchant.get("/orders/ord_1/payments")

    (name,) = chosen
    assert (started["payment_method"], started["channel"]) == (name, chosen[name]["channel"])
    assert (payment["payment_group"], payment["payment_method"]) == (group, shown)
    assert announced(merchant)["payment"]["payment_method"] == shown


@pytest.mark.parametrize("outcome", ["success", "failed", "dropped"])
async def test_api_and_webhook_have_the_fields_of_cashfree_and_agree(
    merchant: SimulatorClient, outcome: str
) -> None:
    await merchant.order()
    await merchant.control("pay", order_id="ord_1", outcome=outcome, method="netbanking")

    (payment,) = await merchant.get("/orders/ord_1/payments")

    data = announced(merchant)
    failed = outcome != "success"
    assert (set(payment), set(data["payment"])) == (IN_API, IN_BOTH)
    assert set(data) == DATA | ({"error_details"} if failed else set())
    assert {field: payment[field] for field in IN_BOTH} == data["payment"]
    assert payment["payment_gateway_details"] == data["payment_gateway_details"]
    if failed:
        assert payment["error_details"] == data["error_details"] | {"error_subcode_raw": None}


async def test_a_pending_payment_has_no_bank_reference(merchant: SimulatorClient) -> None:
    await start(merchant, {"upi": {"channel": "link"}})

    (payment,) = await merchant.get("/orders/ord_1/payments")

    assert (payment["bank_reference"], payment["payment_completion_time"]) == (None, None)


@pytest.mark.parametrize(
    ("method", "group"), [("upi", "upi"), ("card", "credit_card"), ("netbanking", "net_banking")]
)
async def test_the_method_chosen_on_the_page_is_the_one_shown(
    merchant: SimulatorClient, method: str, group: str
) -> None:
    order = await merchant.order()
    page = f"{URL}/checkout/{order['payment_session_id']}"

    shown = await merchant.client.get(page)
    await merchant.client.post(page, data={"outcome": "success", "method": method})

    (payment,) = await merchant.get("/orders/ord_1/payments")
    assert f'name="method" value="{method}"' in shown.text
    assert (payment["payment_group"], list(payment["payment_method"])) == (group, [method])


@pytest.mark.parametrize(
    ("chosen", "code"),
    [
        (None, "payment_method_missing"),
        ({}, "payment_method_missing"),
        ({"coins": {}}, "payment_method_unsupported"),
        ({"upi": {}, "card": {}}, "payment_method_unsupported"),
        ({"upi": {"channel": "collect", "upi_id": "asha"}}, "payment_method_invalid"),
        ({"upi": {"upi_id": "testinvalid@gocash"}}, "payment_method_invalid"),
        ({"upi": {"channel": 7}}, "channel_invalid"),
        ({"card": {"card_number": "4111"}}, "card_number_invalid"),
        ({"netbanking": {"netbanking_bank_code": "x"}}, "netbanking_bank_code_invalid"),
    ],
)
async def test_a_method_that_cannot_be_used_starts_no_payment(
    merchant: SimulatorClient, chosen: object, code: str
) -> None:
    response = await start(merchant, chosen)

    assert (response.status_code, response.json()["code"]) == (400, code)
    assert await merchant.get("/orders/ord_1/payments") == []


@pytest.mark.parametrize(
    ("session", "code"), [({}, "missing"), ({"payment_session_id": "session_x"}, "invalid")]
)
async def test_a_missing_session_and_an_unknown_one_are_different_errors(
    merchant: SimulatorClient, session: dict[str, str], code: str
) -> None:
    body: dict[str, object] = {**session, "payment_method": {"upi": {}}}

    response = await merchant.api("POST", "/orders/sessions", json=body)

    assert response.json()["code"] == f"payment_session_id_{code}"
