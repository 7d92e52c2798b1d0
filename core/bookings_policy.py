"""The limits of bookings, and the terms that are frozen into each."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from core.policy import DAY, HOUR, MINUTE, Terms


@dataclass(frozen=True, slots=True)
class BookingPolicy:
    """What operators may tune; defaults and their sources: docs/rules.md."""

    AT_MOST: ClassVar[tuple[tuple[str, str], ...]] = (
        ("hours_minimum", "hours_maximum"),
        ("minimum_notice", "horizon"),
        ("answer_before_start", "minimum_notice"),
        ("hold", "order_life"),
    )
    MAY_BE_ZERO: ClassVar[frozenset[str]] = frozenset(
        {"minimum_notice", "hold_margin", "attempt_patience", "answer_before_start"}
    )

    hours_minimum: int = 1
    hours_maximum: int = 8
    horizon: timedelta = 60 * DAY
    minimum_notice: timedelta = 4 * HOUR
    hold: timedelta = 15 * MINUTE
    """The slot is reserved this long while the client pays: the countdown on the page."""
    order_life: timedelta = 16 * MINUTE
    """How long new attempts may start at the gateway; providers may want more than 15 minutes."""
    hold_margin: timedelta = 2 * MINUTE
    """The hold outlives the order by this much, so an attempt that began in time can still end."""
    attempt_patience: timedelta = 20 * MINUTE
    """An open attempt keeps the slot at most this long after the hold has ended."""
    answer_within: timedelta = 24 * HOUR
    answer_before_start: timedelta = 2 * HOUR
    terms: Terms = field(default_factory=Terms)

    def accept_by(self, *, paid_at: datetime, start: datetime) -> datetime:
        """The auto-cancel time: `answer_within` after payment or `answer_before_start` before the
        start, whichever is earlier."""
        return min(paid_at + self.answer_within, start - self.answer_before_start)

    def hold_ends(self, *, held_at: datetime) -> datetime:
        """When an unpaid hold is given up, if no attempt is still in progress."""
        return held_at + self.order_life + self.hold_margin
