"""The suppression list: addresses that a mail server refused, which get no more e-mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256


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


def folded(email: str) -> str:
    """The address in lower case without outer spaces, as accounts store it."""
    return email.strip().lower()


def address_hash(email: str) -> str:
    """Eight hexadecimal digits that identify an address in logs, where it must not appear."""
    return sha256(folded(email).encode()).hexdigest()[:8]
