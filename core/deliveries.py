"""Deliveries: the numbered versions of the work of a job."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NewType

DeliveryId = NewType("DeliveryId", str)


@dataclass(frozen=True, slots=True)
class DeliveredFile:
    """A file as it was delivered. `size` is in bytes, `sha256` in hexadecimal digits."""

    id: str
    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivered version with its note and files. Immutable."""

    id: DeliveryId
    job_id: str
    booking_id: str
    number: int
    note: str
    at: datetime
    files: tuple[DeliveredFile, ...] = ()

    def file(self, name: str) -> DeliveredFile | None:
        """The first file of this name."""
        return next((file for file in self.files if file.name == name), None)
