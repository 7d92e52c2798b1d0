"""What open browsers are told: that something they may show has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.outbox import Payload


@dataclass(frozen=True, slots=True)
class BookingChanged(Payload):
    """For both parties; `accounts` are their account ids, separated by a space."""

    kind: ClassVar[str] = "live.booking"
    accounts: str
    booking: str
    what: str


@dataclass(frozen=True, slots=True)
class SlotsChanged(Payload):
    """For every visitor who looks at the free hours of this developer."""

    kind: ClassVar[str] = "live.slots"
    developer: str


@dataclass(frozen=True, slots=True)
class SessionEnded(Payload):
    """For the sockets of this session, which are closed."""

    kind: ClassVar[str] = "live.session"
    session: str
