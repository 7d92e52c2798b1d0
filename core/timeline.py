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


class MoneyState(StrEnum):
    """Where the client's money is."""

    NOT_PAID = "not_paid"
    HELD = "held"
    RELEASED = "released"
    REFUNDING = "refunding"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class MoneyPosition:
    state: MoneyState
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
    money: MoneyPosition | None = None


@dataclass(frozen=True, slots=True)
class NextEvent:
    """What happens next, and when it happens by itself if nobody acts."""

    what: str
    at: datetime | None = None
