"""Outbox messages that send live updates to open browsers.

Those of a step of a booking were written by earlier versions: now they are part of `BookingNews`
(core/notifications.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.outbox import Payload


@dataclass(frozen=True, slots=True)
class BookingChanged(Payload):
    """For both parties of the booking. `accounts` are their account ids, separated by a space."""

    kind: ClassVar[str] = "live.booking"
    kept: ClassVar[bool] = False
    accounts: str
    booking: str
    what: str


@dataclass(frozen=True, slots=True)
class SlotsChanged(Payload):
    """For all visitors of this developer's calendar."""

    kind: ClassVar[str] = "live.slots"
    kept: ClassVar[bool] = False
    developer: str


@dataclass(frozen=True, slots=True)
class SessionEnded(Payload):
    """For the sockets of this session, which are closed."""

    kind: ClassVar[str] = "live.session"
    kept: ClassVar[bool] = False
    secrets: ClassVar[frozenset[str]] = frozenset({"session"})
    session: str
