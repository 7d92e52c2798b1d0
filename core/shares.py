"""How the price of a booking is divided between client, developer and marketplace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from core.bookings import Booking
from core.money import Money
from core.payments import Payment


@dataclass(frozen=True, slots=True)
class Shares:
    """The parts of a price. They always add up: `refund` + `released` = `price`, and
    `earning` + `fee` = `released`.

    `refund` goes back to the client, `earning` to the developer; `fee` is the marketplace's, by
    the terms of the booking (docs/rules.md).
    """

    price: Money
    refund: Money
    fee: Money

    @classmethod
    def of(cls, booking: Booking, refund: Money) -> Self:
        """The shares if `refund` of the price goes back to the client."""
        fee = (booking.price - refund).percent(booking.terms.fee_percent)
        return cls(booking.price, refund, fee)

    @classmethod
    def known(cls, booking: Booking, payment: Payment) -> Self:
        """The shares by the refunds and lost chargebacks that are recorded; without one, all is for
        the developer."""
        return cls.of(booking, payment.returned)

    @property
    def released(self) -> Money:
        return self.price - self.refund

    @property
    def earning(self) -> Money:
        return self.released - self.fee
