"""What a payment gateway offers beside payments where it lists what it pays to our bank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from core.errors import NotFound
from core.settlements import LineFact, SettlementFact


class SettlementUnknown(NotFound):
    """The payment provider does not know this settlement."""

    code = "settlement_unknown"


@dataclass(frozen=True, slots=True)
class SettlementPage:
    """`cursor` reads the next page; empty at the end."""

    facts: Sequence[SettlementFact]
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class LinePage:
    """As `SettlementPage`, of the lines of one settlement."""

    facts: Sequence[LineFact]
    cursor: str = ""


@runtime_checkable
class SettlementGateway(Protocol):
    """A `PaymentGateway` may have these methods too. Rules for every adapter:

    - pages together have each settlement of the time, and each line of a settlement, once;
    - the lines of a settlement sum to its amount and its charge;
    - a status or a kind of line that the adapter does not know is `UNKNOWN`, never a guess;
    - amounts are exact, and times in UTC;
    - errors are those of `PaymentGateway`.
    """

    async def list_settlements(
        self, *, since: datetime, until: datetime, cursor: str = ""
    ) -> SettlementPage:
        """Those that began at `since` or later and before `until`, in any order."""
        ...

    async def find_settlement(self, reference: str) -> SettlementFact:
        """Its state now. Raises `SettlementUnknown`."""
        ...

    async def settlement_lines(self, reference: str, *, cursor: str = "") -> LinePage:
        """Its payments, refunds and other lines. Raises `SettlementUnknown`."""
        ...
