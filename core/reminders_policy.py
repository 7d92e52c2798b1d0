"""When people are reminded of a meeting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from core.policy import DAY, HOUR, MINUTE


@dataclass(frozen=True, slots=True)
class ReminderPolicy:
    """What operators may tune; defaults and their sources: docs/rules.md."""

    AT_MOST: ClassVar[tuple[tuple[str, str], ...]] = ()
    MAY_BE_ZERO: ClassVar[frozenset[str]] = frozenset()

    meeting_reminders: tuple[timedelta, ...] = (DAY, HOUR, 10 * MINUTE)
    """How long before the start, in whole minutes, the longest first."""
