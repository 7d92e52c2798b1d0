"""The limits of calendar feeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class CalendarPolicy:
    """What operators may tune; defaults and their sources: docs/rules.md."""

    AT_MOST: ClassVar[tuple[tuple[str, str], ...]] = ()
    MAY_BE_ZERO: ClassVar[frozenset[str]] = frozenset()

    feed_reads_per_hour: int = 120
    """How often one feed is answered in an hour, by all programs that subscribe to it."""
    feed_misses_per_hour: int = 60
    """How many unknown addresses of feeds one network may ask for in an hour."""
