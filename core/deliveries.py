"""Deliveries: the numbered versions of the work of a job."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NewType

DeliveryId = NewType("DeliveryId", str)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivered version with its note. Immutable."""

    id: DeliveryId
    job_id: str
    booking_id: str
    number: int
    note: str
    at: datetime
