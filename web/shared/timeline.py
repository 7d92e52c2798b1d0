"""Wording of timeline entries, from the records of the capabilities."""

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
    """The wording of one entry; `quote` is text written by a user."""

    heading: str
    detail: str = ""
    quote: str = ""


Wording = Callable[[Entry, BookingDetails, Side], Line]
"""Returns the wording of an entry for one party of the booking."""


def line(entry: Entry, details: BookingDetails, side: Side) -> Line:
    """The wording of the entry. Of a kind without wording, for example of a plugin that is no
    longer installed, its name in readable form."""
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
    """That the client gets a full refund, and the developer nothing."""
    price = formats().money(details.booking.price)
    if side.is_client:
        return f"The full {price} is refunded to you"
    return f"The full {price} is refunded to {side.name}. You earn nothing"
