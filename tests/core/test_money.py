"""Whole paise, and shares of them that add up exactly."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from core.money import Money, zero

amounts = st.integers(-(10**12), 10**12)
percents = st.integers(0, 100)


@given(amounts, percents)
def test_a_share_and_the_rest_are_the_whole(amount: int, percent: int) -> None:
    whole = Money(amount)
    share = whole.percent(percent)
    assert share + (whole - share) == whole
    assert abs(Fraction(share.amount) - Fraction(amount * percent, 100)) <= Fraction(1, 2)


@given(amounts, percents)
def test_a_share_is_rounded_half_to_even(amount: int, percent: int) -> None:
    exact = Fraction(amount * percent, 100)
    share = Money(amount).percent(percent).amount
    if exact.denominator == 2:
        assert share % 2 == 0


@pytest.mark.parametrize(
    ("amount", "tenth"),
    [(5, 0), (15, 2), (25, 2), (35, 4), (45, 4), (14, 1), (16, 2), (-15, -2), (240_000, 24_000)],
)
def test_a_tenth_in_figures(amount: int, tenth: int) -> None:
    assert Money(amount).percent(10) == Money(tenth)


@given(amounts, amounts)
def test_sums_and_differences_undo_each_other(one: int, other: int) -> None:
    assert Money(one) + Money(other) - Money(other) == Money(one)
    assert Money(one) + -Money(one) == zero()


def test_amounts_of_two_currencies_never_meet() -> None:
    with pytest.raises(Invalid):
        Money(100) + Money(100, "EUR")
    with pytest.raises(Invalid):
        Money(100) - Money(100, "EUR")


@pytest.mark.parametrize("amount", [1.0, True, "1", None])
def test_money_is_counted_in_whole_numbers_only(amount: object) -> None:
    with pytest.raises(TypeError):
        Money(amount)  # type: ignore[arg-type]


def test_nothing_is_nothing_and_a_debt_is_something() -> None:
    assert not zero()
    assert Money(1)
    assert Money(-1)
