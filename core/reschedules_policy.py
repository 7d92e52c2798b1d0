"""The limits of moving a booking to another time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from core.policy import HOUR


@dataclass(frozen=True, slots=True)
class ReschedulePolicy:
    """What operators may tune; defaults and their sources: docs/rules.md."""

    AT_MOST: ClassVar[tuple[tuple[str, str], ...]] = ()
    MAY_BE_ZERO: ClassVar[frozenset[str]] = frozenset({"moves_maximum"})

    moves_maximum: int = 2
    """How many new times can be proposed for one booking, by both sides together."""
    move_before_start: timedelta = 12 * HOUR
    """A new time can be proposed, and accepted, until this long before the start."""
    move_answer_within: timedelta = 24 * HOUR
