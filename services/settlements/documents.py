"""How settlements, their lines and what has been read of them are stored."""

from __future__ import annotations

from core.settlements import ProviderSettlement, SettledLine, SettlementReading
from ports.documents import DocumentType, Order

SETTLEMENTS = DocumentType(
    "settlements",
    ProviderSettlement,
    orders=(
        Order("unread", equals=("provider", "read"), by=("at",)),
        Order("newest", equals=(), by=("at",), descending=True),
    ),
)
SETTLED_LINES = DocumentType(
    "settled_lines",
    SettledLine,
    orders=(Order("of_settlement", equals=("settlement",), by=("id",)),),
)
"""The id is the provider's name, the kind of line and the business fact."""
SETTLEMENT_READINGS = DocumentType("settlement_readings", SettlementReading)
"""The id is the provider's name."""
