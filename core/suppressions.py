"""The suppression list: addresses that a mail server refused, which get no more e-mail."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Self


@dataclass(frozen=True, slots=True)
class Suppression:
    """`email` was refused permanently at `at` (UTC), or its owner complained. `reason` must not
    contain the address."""

    email: str
    reason: str
    at: datetime
    complaint: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "email", folded(self.email))


DAYS_UNTIL_SUPPRESSED, REMEMBERED = 3, timedelta(days=30)
"""Mail that comes back for a passing reason, such as a full mailbox, on so many days within this
time: the address is taken for one that accepts no mail."""


@dataclass(frozen=True, slots=True)
class ReturnedMail:
    """On which days (UTC) mail to an address came back for a passing reason; `id` is the address in
    lower case. It is forgotten after `expires_at`."""

    id: str
    days: tuple[datetime, ...]
    expires_at: datetime
    version: int = 0

    @classmethod
    def none(cls, email: str, *, now: datetime) -> Self:
        return cls(folded(email), (), now)

    def again(self, at: datetime) -> Self:
        """It came back at this time."""
        day = at.replace(hour=0, minute=0, second=0, microsecond=0)
        recent = {each for each in self.days if each > day - REMEMBERED} | {day}
        return replace(self, days=tuple(sorted(recent)), expires_at=day + REMEMBERED)

    @property
    def is_enough(self) -> bool:
        return len(self.days) >= DAYS_UNTIL_SUPPRESSED


def folded(email: str) -> str:
    """The address in lower case without outer spaces, as accounts store it."""
    return email.strip().lower()


def address_hash(email: str) -> str:
    """Eight hexadecimal digits that identify an address in logs, where it must not appear."""
    return sha256(folded(email).encode()).hexdigest()[:8]
