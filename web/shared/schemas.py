"""Shared API schemas: money in minor units, times in UTC, ids as strings."""

from __future__ import annotations

from datetime import UTC, datetime

from typing_extensions import TypedDict

from core.bookings import Party
from core.money import Money


class MoneySchema(TypedDict):
    amount: int
    currency: str


class PartySchema(TypedDict):
    id: str
    name: str


def moment(value: datetime) -> str:
    """RFC 3339 in UTC, to the second."""
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def maybe(value: datetime | None) -> str | None:
    return moment(value) if value else None


def money(value: Money) -> MoneySchema:
    return {"amount": value.amount, "currency": value.currency}


def party(value: Party) -> PartySchema:
    """A party of a booking; `id` is the id of its profile."""
    return {"id": value.id, "name": value.name}
