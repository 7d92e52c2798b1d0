"""Carts and splits of an order are kept and returned as they were sent."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from adapters.cashfree.simulator.schema import ADDED
from tests.unit.simulator_client import SimulatorClient, a_simulator_client, an_order

ORDER = {
    "cf_order_id",
    "order_id",
    "entity",
    "order_currency",
    "order_amount",
    "order_status",
    "payment_session_id",
    "order_expiry_time",
    "order_note",
    "created_at",
    "order_splits",
    "customer_details",
    "order_meta",
    "order_tags",
    "cart_details",
    "terminal_data",
    "products",
}
CART = {
    "cart_name": "An hour",
    "shipping_charge": 10.5,
    "customer_billing_address": {
        "full_name": "Asha Rao",
        "address_1": "12 Lake Road",
        "address_2": "Indiranagar",
        "city": "Bengaluru",
        "state": "Karnataka",
        "country": "India",
        "pincode": "560038",
    },
    "cart_items": [{"item_id": "hour", "item_original_unit_price": 4800.0, "item_quantity": 1}],
}
SPLITS = [
    {"vendor_id": "ravi", "amount": 4000.25, "tags": {"kind": {"of": "fee"}}},
    {"vendor_id": "asha", "percentage": 16.5},
]


@pytest.fixture
async def merchant(tmp_path: Path) -> AsyncIterator[SimulatorClient]:
    async with a_simulator_client(tmp_path) as merchant:
        yield merchant


async def test_an_order_has_the_fields_of_cashfree(merchant: SimulatorClient) -> None:
    order = await merchant.order()

    assert set(order) == ORDER
    assert (order["cart_details"], order["order_splits"]) == (None, [])


async def test_a_cart_gets_an_id_and_is_shown_by_the_extended_order(
    merchant: SimulatorClient,
) -> None:
    created = await merchant.order(cart_details=CART)

    order = await merchant.get("/orders/ord_1")
    extended = await merchant.get("/orders/ord_1/extended")

    assert order["cart_details"] == created["cart_details"]
    assert order["cart_details"]["cart_id"].isdigit()
    assert extended["cart"] == {"name": "An hour", "items": CART["cart_items"]}
    assert extended["charges"] == {"shipping_charges": 10.5, "cod_handling_charges": 0}
    assert extended["shipping_address"] is None
    assert extended["billing_address"] == {
        "name": "Asha Rao",
        "address_line_one": "12 Lake Road",
        "address_line_two": "Indiranagar",
        "city": "Bengaluru",
        "state": "Karnataka",
        "country": "India",
        "pin_code": "560038",
    }
    assert extended["customer_details"] == order["customer_details"]


async def test_an_order_without_a_cart_has_an_empty_one(merchant: SimulatorClient) -> None:
    await merchant.order()

    assert (await merchant.get("/orders/ord_1/extended"))["cart"] == {"name": None, "items": []}


async def test_splits_are_returned_as_they_were_sent(merchant: SimulatorClient) -> None:
    created = await merchant.order(order_splits=SPLITS)

    assert created["order_splits"] == SPLITS
    assert (await merchant.get("/orders/ord_1"))["order_splits"] == SPLITS


async def test_decimals_of_splits_and_items_are_not_changed(merchant: SimulatorClient) -> None:
    body = json.dumps(an_order()).removesuffix("}") + (
        ', "order_splits": [{"vendor_id": "ravi", "amount": 4000.50}],'
        ' "cart_details": {"cart_items": [{"item_original_unit_price": 0.10}]}}'
    )
    created = await merchant.api("POST", "/orders", content=body)
    extended = await merchant.api("GET", "/orders/ord_1/extended")

    assert '"amount":4000.50}' in created.text
    assert '"item_original_unit_price":0.10}' in extended.text


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"order_splits": {}}, "order_splits_invalid"),
        ({"order_splits": ["ravi"]}, "order_splits_invalid"),
        ({"order_splits": [{"amount": 1}]}, "order_splits.vendor_id_missing"),
        ({"order_splits": [{"vendor_id": "a b", "amount": 1}]}, "order_splits.vendor_id_invalid"),
        ({"order_splits": [{"vendor_id": "ravi"}]}, "order_splits_invalid"),
        (
            {"order_splits": [{"vendor_id": "ravi", "amount": 1, "percentage": 1}]},
            "order_splits_invalid",
        ),
        (
            {"order_splits": [{"vendor_id": "ravi", "amount": 1.001}]},
            "order_splits.amount_invalid",
        ),
        (
            {"order_splits": [{"vendor_id": "ravi", "percentage": 101}]},
            "order_splits.percentage_invalid",
        ),
        (
            {"order_splits": [{"vendor_id": "ravi", "percentage": "1"}]},
            "order_splits.percentage_invalid",
        ),
        (
            {
                "order_splits": [
                    {"vendor_id": "ravi", "amount": 4000},
                    {"vendor_id": "asha", "percentage": 16.67},
                ]
            },
            "order_splits_invalid",
        ),
        ({"cart_details": "an hour"}, "cart_details_invalid"),
        ({"cart_details": {"cart_items": "an hour"}}, "cart_items_invalid"),
        (
            {"cart_details": {"customer_billing_address": "here"}},
            "customer_billing_address_invalid",
        ),
    ],
)
async def test_a_wrong_cart_or_split_is_refused(
    merchant: SimulatorClient, change: dict[str, Any], code: str
) -> None:
    response = await merchant.api("POST", "/orders", json=an_order(**change))

    assert (response.status_code, response.json()["code"]) == (400, code)
    assert (await merchant.totals())["orders"] == []


async def test_a_database_of_an_older_version_is_opened(tmp_path: Path) -> None:
    async with a_simulator_client(tmp_path) as merchant:
        await merchant.paid()
        body = {"refund_id": "rfd1", "refund_amount": 1000, "refund_note": "FAILED"}
        await merchant.api("POST", "/orders/ord_1/refunds", json=body)
    with closing(sqlite3.connect(tmp_path / "books.db")) as sql, sql:
        for table, column, _ in ADDED:
            sql.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        sql.execute("UPDATE refunds SET status = 'FAILED'")

    async with a_simulator_client(tmp_path) as merchant:
        (payment,) = await merchant.get("/orders/ord_1/payments")
        (refund,) = await merchant.get("/orders/ord_1/refunds")
        order = await merchant.get("/orders/ord_1")
        await merchant.paid(order_id="ord_2", order_splits=SPLITS)

        assert payment["payment_group"] == "upi"
        assert (refund["refund_status"], refund["refund_mode"]) == ("CANCELLED", "STANDARD")
        assert (order["order_splits"], order["cart_details"]) == ([], None)
        assert (await merchant.get("/orders/ord_2"))["order_splits"] == SPLITS
