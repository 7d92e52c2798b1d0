"""A proposed new time of a booking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.timeline import Actor


@dataclass(frozen=True, slots=True)
class Proposal:
    """One side asks the other to meet at another time. `start` is the new start in UTC.

    `key` is different for each proposal of a booking. After `answer_by` the old time stays.
    """

    key: int
    start: datetime
    by: Actor
    at: datetime
    answer_by: datetime
    reason: str = ""
