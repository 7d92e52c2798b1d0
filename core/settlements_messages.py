"""Outbox messages of settlements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from core.outbox import Payload
from core.settlements import SettlementId


@dataclass(frozen=True, slots=True)
class ReadSettlements(Payload):
    """Read the next page of the settlements of a provider that began between `since` and `until`.
    `cursor` is the provider's; `turn` counts the pages."""

    kind: ClassVar[str] = "settlements.read"
    provider: str
    since: datetime
    until: datetime
    cursor: str = ""
    turn: int = 0


@dataclass(frozen=True, slots=True)
class ReadSettlementLines(Payload):
    """Read the next page of the lines of a settlement. Those of the pages before sum to `net`, in
    minor units."""

    kind: ClassVar[str] = "settlements.read_lines"
    settlement: SettlementId
    run: datetime
    cursor: str = ""
    turn: int = 0
    net: int = 0


@dataclass(frozen=True, slots=True)
class SettlementNews(Payload):
    """A webhook about this settlement was received: ask the provider for its state."""

    kind: ClassVar[str] = "settlements.news"
    provider: str
    reference: str
