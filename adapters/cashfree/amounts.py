"""Conversion between rupees (Cashfree's API) and whole paise (the domain), without floats."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Never

import orjson

from core.money import Money

DIGITS_AT_MOST = 15
"""Digits of the whole rupees. Without a limit an exponent could make a number that fills memory."""


def rupees(money: Money) -> orjson.Fragment:
    """The amount as a JSON number with two decimals: 17000 paise become `170.00`.

    Raises `ValueError` for negative amounts.
    """
    if money.amount < 0:
        raise ValueError("Cashfree does not accept negative amounts")
    return orjson.Fragment(f"{money.amount // 100}.{money.amount % 100:02d}")


def paise(value: object) -> int:
    """The exact paise of a JSON number parsed by `parse_json`.

    Raises `ValueError` for a value that is not a number of whole paise or is too large.
    """
    try:
        amount = Decimal(str(value))
    except InvalidOperation as error:
        raise ValueError(f"not an amount: {value!r}") from error
    if not amount.is_finite() or amount.adjusted() >= DIGITS_AT_MOST:
        raise ValueError(f"not an amount: {value!r}")
    numerator, denominator = amount.as_integer_ratio() if _short(amount) else (0, 0)
    if not denominator or numerator * 100 % denominator:
        raise ValueError(f"not whole paise: {value!r}")
    return numerator * 100 // denominator


def parse_json(raw: bytes, *, unique_names: bool = False) -> object:
    """Parse JSON with exact decimals.

    With `unique_names` an object that has a name twice is invalid: readers disagree about which
    value counts (RFC 8259, 4). Raises `ValueError` for invalid JSON, also for text that cannot be
    stored because it has a surrogate without its partner.
    """
    pairs_hook = _unique if unique_names else None
    try:
        parsed: object = json.loads(
            raw, parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=pairs_hook
        )
        json.dumps(parsed, ensure_ascii=False, default=str).encode()  # only the encoding matters
    except (RecursionError, InvalidOperation) as error:
        raise ValueError("nested too deeply, or a number out of range") from error
    return parsed


def _short(amount: Decimal) -> bool:
    """Whether it has few enough decimals: `170.000` is accepted, a thousand zeros are not."""
    exponent = amount.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -DIGITS_AT_MOST


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name occurs twice in an object")
    return found


def _refuse(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")
