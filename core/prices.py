"""The price of a booking, line by line: the hours, and what plugins add to it or take off it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from core.errors import Invalid
from core.money import Money
from core.text import checked_text

LABEL_MAXIMUM = 80
LINES_MAXIMUM = 10
TIMES_MAXIMUM = 10
"""A line of more than so many times the hours is a mistake."""
FIELDS_MAXIMUM, FIELD_MAXIMUM = 10, 200
"""Further fields of the form of a booking, and the characters of each."""
LEAST = 100
"""Minor units that always remain to be paid: payment gateways take no order of nothing."""


@dataclass(frozen=True, slots=True)
class PriceLine:
    """One reason why a booking costs more or less than its hours: `amount` is added, a discount is
    negative. The client and the developer read `label`. `source` is the plugin it comes from.

    A line of nothing only says something while the price is shown, such as that a code is unknown.
    """

    label: str
    amount: Money
    source: str = ""


def checked_line(line: PriceLine, *, hours: Money) -> PriceLine:
    """The line as it is stored. Raises `Invalid` for a wrong label, currency or amount."""
    label = checked_text(
        line.label, field="label", maximum=LABEL_MAXIMUM, empty="A line needs a label."
    )
    if line.amount.currency != hours.currency:
        raise Invalid("A line is in the currency of the booking.")
    if abs(line.amount.amount) > TIMES_MAXIMUM * hours.amount:
        raise Invalid("A line is out of proportion.")
    return replace(line, label=label)


def effective(lines: Iterable[PriceLine], *, hours: Money) -> tuple[PriceLine, ...]:
    """The lines that change the price, in their order. A discount that would leave less than
    `LEAST` is cut, so their sum with the price of the hours is the price, and never below it."""
    least, price = min(hours, Money(LEAST, hours.currency)), hours
    found = list[PriceLine]()
    for line in lines:
        amount = max(line.amount, least - price)
        if amount:
            price += amount
            found.append(replace(line, amount=amount))
    return tuple(found)


def total(lines: Iterable[PriceLine], *, hours: Money) -> Money:
    """The price of the hours with all lines."""
    return sum((line.amount for line in lines), hours)
