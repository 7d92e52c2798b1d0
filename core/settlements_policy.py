"""The limits of settlements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from core.policy import DAY


@dataclass(frozen=True, slots=True)
class SettlementPolicy:
    """What operators may tune; defaults and their sources: docs/rules.md."""

    AT_MOST: ClassVar[tuple[tuple[str, str], ...]] = ()
    MAY_BE_ZERO: ClassVar[frozenset[str]] = frozenset({"settlement_fee_at_most"})

    settled_within: timedelta = 7 * DAY
    """How long after a payment or a refund the provider has settled it."""
    settlement_fee_at_most: int = 300
    """What the provider keeps of a payment at most, in hundredths of a percent, taxes included."""
    settlements_read_back: timedelta = 10 * DAY
    """How far back settlements are read again each day, because their state can change."""
