"""The limits of the reconciliation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from core.policy import DAY


@dataclass(frozen=True, slots=True)
class ReconciliationPolicy:
    """What operators may tune; defaults and their sources: docs/rules.md."""

    AT_MOST: ClassVar[tuple[tuple[str, str], ...]] = ()
    MAY_BE_ZERO: ClassVar[frozenset[str]] = frozenset()

    compared_with_provider: timedelta = 3 * DAY
    """How old a payment or withdrawal is at most that is compared with its provider each day.
    What has not ended is compared whatever its age."""
