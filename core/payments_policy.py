"""The limits of payments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from core.policy import DAY, HOUR, MINUTE


@dataclass(frozen=True, slots=True)
class PaymentPolicy:
    """What operators may tune; defaults and their sources: docs/rules.md."""

    AT_MOST: ClassVar[tuple[tuple[str, str], ...]] = ()
    MAY_BE_ZERO: ClassVar[frozenset[str]] = frozenset()

    poll_after: tuple[timedelta, ...] = (
        (1 * MINUTE, 3 * MINUTE, 10 * MINUTE, 30 * MINUTE)
        + tuple(hour * HOUR for hour in range(1, 25))
        + tuple(day * DAY for day in range(2, 8))
    )
    """When the gateway is polled for an open payment, counted from its creation."""
