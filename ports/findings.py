"""The repository of findings: inconsistencies that an operator must check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Finding:
    """One inconsistency. `id` is made of the fact, so each is reported once. `subject` is the id of
    the entity it concerns."""

    id: str
    kind: str
    subject: str
    detail: str
    at: datetime


class Findings(Protocol):
    async def report(self, finding: Finding) -> None:
        """Store it. Idempotent by id."""
        ...

    async def open(self, *, limit: int = 100) -> tuple[Finding, ...]:
        """The open findings, oldest first."""
        ...
