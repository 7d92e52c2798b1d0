"""What does not add up and waits for an operator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Finding:
    """`id` names the fact, so one fact is reported once."""

    id: str
    kind: str
    subject: str
    detail: str
    at: datetime


class Findings(Protocol):
    async def report(self, finding: Finding) -> None:
        """Keep it; a repeat changes nothing."""
        ...

    async def open(self, *, limit: int = 100) -> tuple[Finding, ...]: ...
