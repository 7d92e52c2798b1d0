"""Chaos by a seed: webhooks and answers of the API that get lost, come twice, late, or cut off.

The same seed and the same calls in the same order give the same chaos. The last delivery of a
webhook is always sent, because the provider gives up after it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from typing import TypeVar

DELAY_S = (30, 600)
SLOW_S = 0.2
Fate = TypeVar("Fate")


class Delivery(StrEnum):
    """What becomes of one delivery of a webhook. What is not received is sent again; so the next
    ones pass it."""

    SENT = "sent"
    DROPPED = "dropped"
    TWICE = "twice"
    LATER = "later"
    CUT = "cut"


class Answer(StrEnum):
    """What becomes of one answer of the API. `BUSY` and `ERROR`: the call has no effect; `LOST` and
    `CUT`: it has."""

    WHOLE = "whole"
    BUSY = "busy"
    ERROR = "error"
    LOST = "lost"
    CUT = "cut"
    SLOW = "slow"


DELIVERIES = {
    Delivery.SENT: 50,
    Delivery.DROPPED: 15,
    Delivery.TWICE: 15,
    Delivery.LATER: 10,
    Delivery.CUT: 10,
}
ANSWERS = {
    Answer.WHOLE: 76,
    Answer.BUSY: 5,
    Answer.ERROR: 5,
    Answer.LOST: 6,
    Answer.CUT: 4,
    Answer.SLOW: 4,
}
"""Parts of a hundred."""


@dataclass(slots=True)
class Chaos:
    """Without a seed there is none."""

    seed: int | None
    calls: count[int] = field(default_factory=count)

    def delivery(self, webhook: int, attempt: int) -> Delivery:
        if self.seed is None:
            return Delivery.SENT
        return _chosen(DELIVERIES, self._part(f"webhook:{webhook}:{attempt}"))

    def delay(self, webhook: int) -> float:
        """Seconds."""
        shortest, longest = DELAY_S
        return shortest + (longest - shortest) * self._part(f"delay:{webhook}")

    def answer(self) -> Answer:
        """That of the next call."""
        if self.seed is None:
            return Answer.WHOLE
        return _chosen(ANSWERS, self._part(f"answer:{next(self.calls)}"))

    def _part(self, name: str) -> float:
        """A number from 0 to below 1, the same for the same name."""
        digest = hashlib.sha256(f"{self.seed}:{name}".encode()).digest()
        return int.from_bytes(digest[:6]) / 2**48


def _chosen(parts: Mapping[Fate, int], at: float) -> Fate:
    """One of them, by its part of a hundred."""
    rest = at * 100
    for fate, part in parts.items():
        if rest < part:
            return fate
        rest -= part
    return next(iter(parts))
