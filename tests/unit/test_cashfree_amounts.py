"""Whole paise and Cashfree's numbers are converted without loss or rounding."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.cashfree.amounts import paise, parse_json, rupees
from adapters.cashfree.simulator import values
from adapters.cashfree.simulator.checkout import format_rupees
from core.money import Money

AMOUNTS = st.integers(min_value=0, max_value=10**15)


@given(AMOUNTS)
def test_an_amount_is_read_exactly_as_it_was_sent(amount: int) -> None:
    sent = orjson.dumps({"order_amount": rupees(Money(amount))})

    received = parse_json(sent)

    assert isinstance(received, dict)
    assert paise(received["order_amount"]) == amount


@given(st.integers(min_value=1, max_value=10**11))
def test_both_sides_of_the_wire_agree(amount: int) -> None:
    ours = orjson.dumps({"amount": rupees(Money(amount))})
    theirs = orjson.dumps({"amount": values.rupees(amount)})

    assert ours == theirs
    assert values.paise(values.parse_object(ours)["amount"], "amount") == amount


@pytest.mark.parametrize(
    ("amount", "text"),
    [(17_000, b"170.00"), (17_010, b"170.10"), (1, b"0.01"), (0, b"0.00"), (480_001, b"4800.01")],
)
def test_an_amount_is_sent_with_two_decimals(amount: int, text: bytes) -> None:
    assert orjson.dumps(rupees(Money(amount))) == text


def test_a_negative_amount_is_never_sent() -> None:
    with pytest.raises(ValueError, match="negative"):
        rupees(Money(-1))


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        (b"170", 17_000),
        (b"170.0", 17_000),
        (b"170.000", 17_000),
        (b"1.7e2", 17_000),
        (b"1E2", 10_000),
    ],
)
def test_every_way_to_write_an_amount_is_understood(text: bytes, amount: int) -> None:
    assert paise(parse_json(text)) == amount


@pytest.mark.parametrize(
    "text",
    [
        b"0.001",
        b"170.005",
        b"1e999999999",
        b"1e-999999999",
        b"1e99999999999999999999",
        b"NaN",
        b"Infinity",
        b"1" * 5000,
        b"true",
        b"null",
        b"[]",
        b'"much"',
        b"[" * 100_000,
        b"\xff",
        b"",
    ],
)
def test_what_is_no_amount_is_refused_quickly(text: bytes) -> None:
    with pytest.raises(ValueError):
        paise(parse_json(text))


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (480_000, "₹4,800.00"),
        (99_999, "₹999.99"),
        (5, "₹0.05"),
        (10_000_000, "₹1,00,000.00"),
        (123_456_789_12, "₹12,34,56,789.12"),
    ],
)
def test_the_page_shows_rupees_as_india_writes_them(amount: int, words: str) -> None:
    assert format_rupees(amount) == words
