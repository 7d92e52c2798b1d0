"""Money in whole minor units; no fraction of a paisa exists anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Self

from core.errors import Invalid

CURRENCY = "INR"


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in minor units (paise) of one currency."""

    amount: int
    currency: str = CURRENCY

    def __post_init__(self) -> None:
        if type(self.amount) is not int:
            raise TypeError("money is counted in whole minor units")

    def __add__(self, other: Self) -> Self:
        return type(self)(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Self) -> Self:
        return type(self)(self.amount - self._same(other), self.currency)

    def __neg__(self) -> Self:
        return type(self)(-self.amount, self.currency)

    def __mul__(self, times: int) -> Self:
        return type(self)(self.amount * times, self.currency)

    def __bool__(self) -> bool:
        return self.amount != 0

    def percent(self, percent: int) -> Self:
        """That share, rounded half to even to the minor unit (reference: rules, platform fee)."""
        return type(self)(round(Fraction(self.amount * percent, 100)), self.currency)

    def _same(self, other: Self) -> int:
        if other.currency != self.currency:
            raise Invalid("Amounts in different currencies cannot be added up.")
        return other.amount


def zero(currency: str = CURRENCY) -> Money:
    return Money(0, currency)
