"""A numbered version of the work, handed over with a note."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NewType

DeliveryId = NewType("DeliveryId", str)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Immutable once made."""

    id: DeliveryId
    job_id: str
    booking_id: str
    number: int
    note: str
    at: datetime
