"""Whether a person has a conversation open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.policy import DAY

MARKED_EVERY = timedelta(seconds=60)
"""A mark is stored again after this time, at most."""
ONLINE_FOR = timedelta(seconds=130)
"""Somebody counts as online for this long after the last mark: two of them, and some slack."""
KEPT_FOR = 30 * DAY


@dataclass(frozen=True, slots=True)
class Presence:
    """`id` is the account id, `seen_at` when the account had a conversation open. In UTC."""

    id: str
    seen_at: datetime
    expires_at: datetime
    version: int = 0

    def is_online(self, now: datetime) -> bool:
        return now < self.seen_at + ONLINE_FOR
