"""Timeline entries in words: the records of the capabilities say how each kind is worded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from quart import current_app

from core.timeline import Entry
from services.timeline import BookingDetails
from web.shared.context import formats
from web.shared.sides import Side


@dataclass(frozen=True, slots=True)
class Line:
    """One entry in words; `quote` is what somebody wrote."""

    heading: str
    detail: str = ""
    quote: str = ""


Wording = Callable[[Entry, BookingDetails, Side], Line]
"""The words of one kind of entry for one party of the booking."""


def line(entry: Entry, details: BookingDetails, side: Side) -> Line:
    """The entry in words. A kind whose capability is no longer installed is made readable."""
    wordings = cast(Mapping[str, Wording], current_app.extensions["timeline"])
    wording = wordings.get(entry.what)
    return wording(entry, details, side) if wording else Line(readable(entry.what))


def readable(kind: str) -> str:
    """`bank_account_changed` as `Bank account changed`."""
    return kind.replace("_", " ").strip().capitalize()


def amount(entry: Entry, details: BookingDetails) -> str:
    """The amount of the entry, or the price of the booking, formatted."""
    return formats().money(entry.money.amount if entry.money else details.booking.price)


def all_returned(side: Side, details: BookingDetails) -> str:
    to = "you" if side.is_client else side.name
    return f"All {formats().money(details.booking.price)} goes back to {to}"
