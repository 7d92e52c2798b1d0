"""How balances of developers, money that clears, and number series are stored."""

from __future__ import annotations

from core.earnings import Balance, Clearing
from core.numbering import NumberSeries
from ports.documents import DocumentType, Order

BALANCES = DocumentType(
    "balances",
    Balance,
    orders=(Order("of_developer", equals=("developer_id",), by=("id",)),),
)

CLEARINGS = DocumentType(
    "clearings",
    Clearing,
    orders=(
        Order("next", equals=("developer_id", "cleared"), by=("clears_at",)),
        Order("of_developer", equals=("developer_id",), by=("released_at",), descending=True),
    ),
)
"""The id is the booking's."""

NUMBER_SERIES = DocumentType("number_series", NumberSeries)
