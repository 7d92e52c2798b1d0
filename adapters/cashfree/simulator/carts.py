"""Carts: what an order is for. They are kept as sent, and shown by the extended order."""

from __future__ import annotations

import json
from decimal import Decimal
from sqlite3 import Row

import orjson

from adapters.cashfree.simulator.values import (
    Json,
    as_json,
    ist,
    list_of_objects,
    new_id,
    part,
    rupees,
)

ADDRESS = {
    "name": "full_name",
    "address_line_one": "address_1",
    "address_line_two": "address_2",
    "country": "country",
    "state": "state",
    "city": "city",
    "pin_code": "pincode",
}


def parse(body: Json) -> str | None:
    """The cart of a request as JSON, with a new id; None without one. Raises `ApiError`."""
    cart = part(body, "cart_details")
    list_of_objects(cart, "cart_items")
    for address in ("customer_shipping_address", "customer_billing_address"):
        part(cart, address)
    return as_json(dict(cart) | {"cart_id": new_id()}) if cart else None


def entity(order: Row) -> dict[str, object] | None:
    """The cart in the API's object for an order, which has only its id."""
    return {"cart_id": _cart(order)["cart_id"]} if order["cart"] else None


def extended_order(order: Row) -> dict[str, object]:
    """GET /orders/{order_id}/extended: the order with its addresses and items."""
    cart = _cart(order)
    return {
        "cf_order_id": order["cf_order_id"],
        "order_id": order["order_id"],
        "order_amount": rupees(order["amount"]),
        "order_currency": order["currency"],
        "created_at": ist(order["created"]),
        "charges": {
            "shipping_charges": _fragment(cart.get("shipping_charge") or 0),
            "cod_handling_charges": 0,
        },
        "customer_details": json.loads(order["customer"]),
        "shipping_address": _address(cart, "customer_shipping_address"),
        "billing_address": _address(cart, "customer_billing_address"),
        "cart": {"name": cart.get("cart_name"), "items": _fragment(cart.get("cart_items") or [])},
        "offers": None,
    }


def _address(cart: Json, field: str) -> orjson.Fragment:
    """An address, whose fields have other names than in the request."""
    address = part(cart, field)
    renamed = {name: address.get(sent) for name, sent in ADDRESS.items()}
    return _fragment(renamed if address else None)


def _cart(order: Row) -> Json:
    cart: Json = json.loads(order["cart"] or "{}", parse_float=Decimal)
    return cart


def _fragment(value: object) -> orjson.Fragment:
    return orjson.Fragment(as_json(value))
