"""The limits of chargebacks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from core.policy import DAY


@dataclass(frozen=True, slots=True)
class ChargebackPolicy:
    """What operators may tune; defaults and their sources: docs/rules.md."""

    AT_MOST: ClassVar[tuple[tuple[str, str], ...]] = ()
    MAY_BE_ZERO: ClassVar[frozenset[str]] = frozenset()

    evidence_before: timedelta = DAY
    """How long before the end of the provider's time to answer the evidence is sent."""
    chargeback_poll: timedelta = DAY
    """How often the provider is asked about a chargeback that is not decided."""
