"""Outbox messages that send notices by e-mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.outbox import Payload


@dataclass(frozen=True, slots=True)
class BookingEmail(Payload):
    """One e-mail about a booking to one account. `letter` is the kind of the notice. `fact` is
    the id of the timeline entry it is about, or the key of one reminder."""

    kind: ClassVar[str] = "notifications.mail"
    letter: str
    account: str
    booking: str
    fact: str = ""
