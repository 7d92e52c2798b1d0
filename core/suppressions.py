"""Addresses no mail server takes: whoever writes to them leaves that out (failure F54)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Suppression:
    """`email` was refused for good at `at`; `reason` is a sentence without the address."""

    email: str
    reason: str
    at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "email", folded(self.email))


def folded(email: str) -> str:
    """The form in which addresses are compared, as accounts keep theirs."""
    return email.strip().lower()


def address_hash(email: str) -> str:
    """Eight characters that stand for an address in a log, where it may not be in clear."""
    return sha256(folded(email).encode()).hexdigest()[:8]
