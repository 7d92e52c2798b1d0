"""Shared API schemas: money in minor units, times in UTC, ids as strings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import WithJsonSchema
from typing_extensions import TypedDict

from core.bookings import Party
from core.money import Money
from core.timeline import NextEvent

Moment = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
"""A time as it is written: RFC 3339 in UTC."""


class MoneySchema(TypedDict):
    """`amount` is in minor units, such as paise; `currency` an ISO 4217 code."""

    amount: int
    currency: str


class PartySchema(TypedDict):
    """A party of a booking; `id` is the id of its profile."""

    id: str
    name: str


class NextSchema(TypedDict):
    """The next step and when it is due; `at` is null for a step without a deadline."""

    what: str
    at: Moment | None


def moment(value: datetime) -> Moment:
    """RFC 3339 in UTC, to the second."""
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def maybe(value: datetime | None) -> Moment | None:
    return moment(value) if value else None


def money(value: Money) -> MoneySchema:
    return {"amount": value.amount, "currency": value.currency}


def party(value: Party) -> PartySchema:
    """A party of a booking; `id` is the id of its profile."""
    return {"id": value.id, "name": value.name}


def following(value: NextEvent | None) -> NextSchema | None:
    return {"what": value.what, "at": maybe(value.at)} if value else None
