"""What happened to a booking, who did it, and where the money was from then on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.money import Money


class Actor(StrEnum):
    CLIENT = "client"
    DEVELOPER = "developer"
    PROVIDER = "provider"
    DEADLINE = "deadline"
    ADMIN = "admin"


class Where(StrEnum):
    """Where the client's money is."""

    NOT_PAID = "not_paid"
    HELD = "held"
    RELEASED = "released"
    REFUNDING = "refunding"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class MoneyAt:
    state: Where
    amount: Money


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline. `id` is the booking and the step, so a step is told once."""

    id: str
    booking_id: str
    at: datetime
    what: str
    actor: Actor
    detail: str = ""
    money: MoneyAt | None = None


@dataclass(frozen=True, slots=True)
class Next:
    """What happens next, and when it happens by itself if nobody acts."""

    what: str
    at: datetime | None = None
