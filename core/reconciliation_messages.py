"""Outbox messages of the reconciliation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from core.bookings import BookingId
from core.outbox import Payload


@dataclass(frozen=True, slots=True)
class ReconcilePage(Payload):
    """Compare the next page of `check` after the id `after`. `run` is the day of its run. A page
    that needs several steps is read by as many messages: `part` counts them, and `progress` is what
    the last one has read."""

    kind: ClassVar[str] = "reconciliation.page"
    check: str
    run: datetime
    after: str = ""
    part: int = 0
    progress: str = ""


@dataclass(frozen=True, slots=True)
class FreeCells(Payload):
    """Free the calendar cells of a booking that has ended, if it still keeps some."""

    kind: ClassVar[str] = "reconciliation.free_cells"
    booking: BookingId
