"""The machine's clock, and ids made of time and chance."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime

from ports.clock import Clock, Ids

LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32 in lower case: no i, l, o, u, so nothing is misread or misspelt."""
LENGTH = 26
CHANCE_BITS = 80


class SystemClock(Clock):
    """Cut to whole milliseconds, so that a time is the same before and after it is stored."""

    def now(self) -> datetime:
        moment = datetime.now(UTC)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class RandomIds(Ids):
    """48 bits of milliseconds, then 80 of chance: they sort by birth and never meet."""

    def new(self, prefix: str) -> str:
        born = time.time_ns() // 1_000_000
        return f"{prefix}_{_letters(born << CHANCE_BITS | secrets.randbits(CHANCE_BITS))}"

    def secret(self) -> str:
        return secrets.token_urlsafe(32)


def _letters(number: int) -> str:
    """The number in 26 letters, the highest first, so that texts sort as numbers do."""
    return "".join(LETTERS[number >> 5 * place & 31] for place in reversed(range(LENGTH)))
