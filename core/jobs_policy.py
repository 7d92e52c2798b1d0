"""The limits of jobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from core.policy import DAY, HOUR


@dataclass(frozen=True, slots=True)
class JobPolicy:
    """What operators may tune; defaults and their sources: docs/rules.md."""

    AT_MOST: ClassVar[tuple[tuple[str, str], ...]] = ()
    MAY_BE_ZERO: ClassVar[frozenset[str]] = frozenset()

    approve_reminders: tuple[timedelta, ...] = (24 * HOUR, 60 * HOUR)
    deliver_reminders: tuple[timedelta, ...] = (7 * DAY, 12 * DAY)
    """How long after `Job.review_starts` the client, and after the booked end the developer, is
    reminded."""
