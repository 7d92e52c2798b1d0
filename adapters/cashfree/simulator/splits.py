"""Shares of vendors in an order or a refund (Easy Split)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from sqlite3 import Row

import orjson

from adapters.cashfree.simulator.errors import invalid
from adapters.cashfree.simulator.values import Json, as_json, list_of_objects, matching, paise

VENDOR_ID = re.compile(r"[A-Za-z0-9_]{1,50}")
HUNDRED = Decimal(100)


def parse(body: Json, field: str, total: int) -> str | None:
    """The splits of a request as JSON, as they were sent; None without any.

    `total` is the whole amount in paise; the sum of the shares must not exceed it, and the rest is
    the merchant's. Raises `ApiError`.
    """
    entries = list_of_objects(body, field)
    if sum(_share(entry, field, total) for entry in entries) > total:
        raise invalid(field, f"the sum of {field} is more than the amount")
    return as_json(entries) if entries else None


def entity(row: Row) -> object:
    """The splits of an order or refund in the API."""
    return orjson.Fragment(row["splits"]) if row["splits"] else []


def in_webhook(refund: Row) -> object:
    """The splits of a refund in its webhook, where the vendor has another name."""
    entries = json.loads(refund["splits"] or "[]", parse_float=Decimal)
    shares = [
        {
            "merchantVendorId": entry["vendor_id"],
            "amount": entry.get("amount"),
            "percentage": entry.get("percentage"),
        }
        for entry in entries
    ]
    return orjson.Fragment(as_json(shares))


def _share(entry: Mapping[str, object], field: str, total: int) -> Decimal:
    """One vendor's share in paise. Raises `ApiError`."""
    matching(entry, "vendor_id", VENDOR_ID, "letters, digits and _", within=field)
    amount, percentage = entry.get("amount"), entry.get("percentage")
    if (amount is None) == (percentage is None):
        raise invalid(field, f"each of {field} should have either an amount or a percentage")
    if percentage is None:
        return Decimal(paise(amount, f"{field}.amount"))
    if isinstance(percentage, bool) or not isinstance(percentage, int | Decimal):
        raise invalid(f"{field}.percentage", "percentage is not a number")
    if not 0 < percentage <= HUNDRED:
        raise invalid(f"{field}.percentage", "percentage should be over 0 and at most 100")
    return total * Decimal(percentage) / HUNDRED
