"""The system clock, and ids of time and random bits."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime

from ports.clock import Clock, Ids

LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32 in lower case: without i, l, o and u, which are easily confused."""
LENGTH = 26
RANDOM_BITS = 80


class SystemClock(Clock):
    """In whole milliseconds, so that a time is the same before and after it is stored."""

    def now(self) -> datetime:
        moment = datetime.now(UTC)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class RandomIds(Ids):
    """48 bits of milliseconds and 80 random bits: unique, and sortable by creation time."""

    def new(self, prefix: str) -> str:
        created = time.time_ns() // 1_000_000
        return f"{prefix}_{_letters(created << RANDOM_BITS | secrets.randbits(RANDOM_BITS))}"

    def secret(self) -> str:
        return secrets.token_urlsafe(32)


def _letters(number: int) -> str:
    """The number in 26 characters, most significant first, so that texts sort as numbers do."""
    return "".join(LETTERS[number >> 5 * place & 31] for place in reversed(range(LENGTH)))
