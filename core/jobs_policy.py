"""The limits of jobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from core.policy import DAY, HOUR


@dataclass(frozen=True, slots=True)
class JobPolicy:
    """What operators may tune; defaults and their sources: docs/rules.md."""

    approve_reminders: tuple[timedelta, ...] = (24 * HOUR, 60 * HOUR)
    deliver_reminders: tuple[timedelta, ...] = (7 * DAY, 12 * DAY)
    """How long after the delivery, or after the start, the other side is reminded."""
