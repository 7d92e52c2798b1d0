"""The timeline of a booking: what happened, who did it, and the state of the money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.money import Money


class Actor(StrEnum):
    """Who caused an entry. The values are stored."""

    CLIENT = "client"
    DEVELOPER = "developer"
    PROVIDER = "provider"
    DEADLINE = "deadline"
    ADMIN = "admin"


class MoneyState(StrEnum):
    """Where the client's money is. The values are stored."""

    NOT_PAID = "not_paid"
    HELD = "held"
    RELEASED = "released"
    REFUNDING = "refunding"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class MoneyPosition:
    """State and amount of the client's money after an entry."""

    state: MoneyState
    amount: Money


@dataclass(frozen=True, slots=True)
class MovedTimes:
    """The old and the new start of a booking, in UTC."""

    old: datetime
    new: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `id` is made of the booking and the event, so that each event is added once.

    `times` are those of an entry about a proposed or accepted move.
    """

    id: str
    booking_id: str
    at: datetime
    what: str
    actor: Actor
    detail: str = ""
    money: MoneyPosition | None = None
    times: MovedTimes | None = None


@dataclass(frozen=True, slots=True)
class NextEvent:
    """What happens next, and the deadline `at` (UTC) at which it happens without anybody acting."""

    what: str
    at: datetime | None = None
