"""How a price is divided: exactly, whatever goes back and whatever the fee is."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hypothesis import example, given
from hypothesis import strategies as st

from core.money import Money
from core.shares import Shares
from onehour.testing.samples.bookings import a_booking

PRICES = st.integers(1, 10**9)
FEES = st.integers(0, 50)


def divided(price: int, refund: int, fee: int) -> Shares:
    booking = a_booking()
    terms = replace(booking.terms, fee_percent=fee)
    return Shares.of(replace(booking, rate=Money(price), hours=1, terms=terms), Money(refund))


@given(price=PRICES, parts=st.fractions(0, 1), fee=FEES)
@example(price=480_000, parts=0, fee=10)
@example(price=480_000, parts=1, fee=10)
@example(price=1, parts=1, fee=10)
def test_the_parts_add_up_and_none_is_below_nothing(price: int, parts: Fraction, fee: int) -> None:
    refund = int(price * parts)
    shares = divided(price, refund, fee)

    assert shares.refund + shares.earning + shares.fee == shares.price == Money(price)
    assert min(shares.refund.amount, shares.earning.amount, shares.fee.amount) >= 0
    assert shares.released == Money(price - refund)
    assert abs(100 * shares.fee.amount - fee * (price - refund)) <= 50


@given(price=PRICES, refund=st.integers(0, 10**9 - 1), fee=FEES)
def test_nobody_but_the_client_gains_when_more_goes_back(price: int, refund: int, fee: int) -> None:
    refund %= price
    less, more = divided(price, refund, fee), divided(price, refund + 1, fee)

    assert more.earning <= less.earning
    assert more.fee <= less.fee
