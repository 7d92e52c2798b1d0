"""The price of a booking is the sum of its lines, whatever plugins propose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from core.money import Money
from core.prices import LEAST, PriceLine, checked_line, effective, total
from onehour.testing.extensions import a_booking

amounts = st.integers(min_value=-3_000_000, max_value=3_000_000)
proposals = st.lists(amounts, max_size=8).map(
    lambda found: [PriceLine("A line", Money(each)) for each in found]
)


@given(proposals, st.integers(min_value=1, max_value=3_000_000))
def test_the_lines_sum_up_to_a_price_that_can_be_paid(
    proposed: list[PriceLine], hours: int
) -> None:
    lines = effective(proposed, hours=Money(hours))

    assert total(lines, hours=Money(hours)) >= Money(min(hours, LEAST))
    assert all(line.amount for line in lines)
    assert effective(lines, hours=Money(hours)) == lines, "they are final"


@given(proposals)
def test_fee_and_earning_follow_the_price_and_refunds_never_exceed_it(
    proposed: list[PriceLine],
) -> None:
    booking = a_booking().with_price(proposed)

    sums = sum((line.amount for line in booking.price_lines), booking.hours_price)
    assert booking.price == sums
    assert booking.fee + booking.earning == booking.price
    assert Money(0) <= booking.fee <= booking.price


def test_a_discount_larger_than_the_price_is_cut() -> None:
    lines = effective([PriceLine("All of it", Money(-999_999))], hours=Money(240_000))

    assert lines == (PriceLine("All of it", Money(LEAST - 240_000)),)


def test_lines_of_nothing_are_shown_but_not_stored() -> None:
    assert effective([PriceLine("This code is unknown", Money(0))], hours=Money(100)) == ()


@pytest.mark.parametrize(
    "line",
    [
        PriceLine("", Money(1)),
        PriceLine("x" * 81, Money(1)),
        PriceLine("Dollars", Money(1, "USD")),
        PriceLine("Far too much", Money(10 * 240_000 + 1)),
        PriceLine("Far too little", Money(-10 * 240_000 - 1)),
    ],
)
def test_a_line_that_makes_no_sense_is_refused(line: PriceLine) -> None:
    with pytest.raises(Invalid):
        checked_line(line, hours=Money(240_000))
