"""Coupons and their uses, and how they are stored."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from onehour.api import Booking, DocumentOrder, DocumentType, Invalid, Money

SOURCE = "coupons"
"""Of the price lines, also in stored bookings."""
FIELD = "code"
"""The field in the form of a booking."""
CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{2,29}")
UNKNOWN = "This code is unknown."


def folded(code: str) -> str:
    """The code as it is stored: people type it in small letters and with spaces around it."""
    return code.strip().upper()


def refused(why: str) -> Invalid:
    """The error at the field."""
    return Invalid(**{FIELD: why})


@dataclass(frozen=True, slots=True)
class Coupon:
    """`id` is the code. It takes off `percent` of the price of the hours, or `amount`, one of which
    is set. It counts from `starts_at` up to, and without, `ends_at`, for the profile `developer` or
    the skill `skill` alone if they are set, `most_uses` times in all and `most_per_client` times
    for one client; None is no limit. An administrator ends it at `ended_at`. `uses` are those that
    count. Nothing else of it ever changes, so that a shown price stays true.
    """

    id: str
    created_at: datetime
    percent: int = 0
    amount: Money | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    most_uses: int | None = None
    most_per_client: int | None = None
    developer: str = ""
    skill: str = ""
    ended_at: datetime | None = None
    uses: int = 0
    version: int = 0

    def discount(self, hours: Money, *, most_percent: int) -> Money:
        """What it takes off the price of the hours."""
        most = hours.percent(most_percent)
        return min(self.amount if self.amount else hours.percent(self.percent), most)

    def check_time(self, now: datetime) -> None:
        """Raises `Invalid` unless it counts now."""
        if self.ended_at or (self.ends_at and now >= self.ends_at):
            raise refused("This code has ended.")
        if self.starts_at and now < self.starts_at:
            raise refused("This code does not count yet.")

    def check_left(self, by_client: int) -> None:
        """Raises `Invalid` if another use, by a client with so many, would be one too many."""
        if self.most_uses is not None and self.uses >= self.most_uses:
            raise refused("This code is used up.")
        if self.most_per_client is not None and by_client >= self.most_per_client:
            raise refused("You have used this code already.")

    def used(self) -> Self:
        return replace(self, uses=self.uses + 1)

    def given_back(self) -> Self:
        return replace(self, uses=self.uses - 1)

    def state(self, now: datetime) -> str:
        if self.ended_at or (self.ends_at and now >= self.ends_at):
            return "Ended"
        if self.most_uses is not None and self.uses >= self.most_uses:
            return "Used up"
        return "Not yet" if self.starts_at and now < self.starts_at else "Active"


@dataclass(frozen=True, slots=True)
class Use:
    """Of a coupon by a booking, whose id is `id`. `account` is the client's, empty once it is
    erased. `counts` is False after the booking ended without the client's doing or unpaid."""

    id: str
    coupon: str
    account: str
    amount: Money
    at: datetime
    counts: bool = True
    version: int = 0

    @classmethod
    def of(cls, booking: Booking, coupon: str, *, at: datetime) -> Self:
        lines = [each.amount for each in booking.price_lines if each.source == SOURCE]
        amount = -sum(lines, Money(0, booking.rate.currency))
        return cls(booking.id, coupon, booking.client.account_id, amount, at)


COUPONS = DocumentType(
    "coupons", Coupon, orders=(DocumentOrder("newest", (), by=("created_at",), descending=True),)
)
USES = DocumentType(
    "coupons_uses",
    Use,
    orders=(
        DocumentOrder("of_account", equals=("account",), by=("at",)),
        DocumentOrder("counting", equals=("coupon", "account", "counts"), by=("at",)),
    ),
)
