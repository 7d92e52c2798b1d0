"""Money in whole minor units (paise)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Self

from core.errors import Invalid

CURRENCY = "INR"


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in minor units (paise) of one currency (ISO 4217).

    Raises `TypeError` for an amount that is no int, and `Invalid` when amounts of different
    currencies are added.
    """

    amount: int
    currency: str = CURRENCY

    def __post_init__(self) -> None:
        if type(self.amount) is not int:
            raise TypeError("an amount of money is a whole number of minor units")

    def __add__(self, other: Self) -> Self:
        return type(self)(self.amount + self._amount_in_same_currency(other), self.currency)

    def __sub__(self, other: Self) -> Self:
        return type(self)(self.amount - self._amount_in_same_currency(other), self.currency)

    def __neg__(self) -> Self:
        return type(self)(-self.amount, self.currency)

    def __mul__(self, times: int) -> Self:
        return type(self)(self.amount * times, self.currency)

    def __bool__(self) -> bool:
        return self.amount != 0

    def percent(self, percent: int) -> Self:
        """`percent` % of the amount, rounded half to even to the minor unit (docs/rules.md)."""
        return type(self)(round(Fraction(self.amount * percent, 100)), self.currency)

    def _amount_in_same_currency(self, other: Self) -> int:
        if other.currency != self.currency:
            raise Invalid("Amounts in different currencies cannot be added up.")
        return other.amount


def zero(currency: str = CURRENCY) -> Money:
    return Money(0, currency)
