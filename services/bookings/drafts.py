"""Bookings before they are stored, with what plugins add to their price, and just stored ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.bookings import Booking, PriceChanged
from core.money import Money
from core.payments import Payment
from core.prices import PriceLine


@dataclass(frozen=True, slots=True)
class Quote:
    """What a booking would cost: an unsaved one, and the lines of plugins, also those that only say
    something. `errors` are those of their fields, named `fields.<name>`."""

    draft: Booking
    lines: Sequence[PriceLine]
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Held:
    """A booking that holds its time, and its payment with the checkout if it could be opened."""

    booking: Booking
    payment: Payment


@dataclass(frozen=True, slots=True)
class NewBooking:
    """What is to be stored: the draft, the price that was shown, and the fields of plugins."""

    draft: Booking
    expecting: Money | None
    fields: Mapping[str, str]

    def without(self, plugins: frozenset[str]) -> Booking:
        """The draft without the price lines of these plugins. Raises `PriceChanged`."""
        lines = [each for each in self.draft.price_lines if each.source not in plugins]
        draft = (
            self.draft
            if len(lines) == len(self.draft.price_lines)
            else (replace(self.draft, price_lines=()).with_price(lines))
        )
        if self.expecting is not None and self.expecting != draft.price:
            raise PriceChanged
        return draft
