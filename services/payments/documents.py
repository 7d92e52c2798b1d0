"""How balances of developers, money that clears, number series and documents are stored."""

from __future__ import annotations

from core.earnings import Balance, Clearing
from core.money_days import MoneyDay
from core.numbering import IssuedDocument, NumberSeries
from core.stopped_refunds import StoppedRefund
from ports.documents import DocumentType, Order, Unique

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

ISSUED_DOCUMENTS = DocumentType(
    "issued_documents",
    IssuedDocument,
    unique=(Unique(("number",)),),
    orders=(Order("of_account", equals=("account_id",), by=("issued_at",), descending=True),),
)
"""The id is the ledger entry's."""

STOPPED_REFUNDS = DocumentType(
    "stopped_refunds", StoppedRefund, orders=(Order("oldest", equals=(), by=("since",)),)
)
"""The id is the refund's. Only those that wait are stored."""

MONEY_DAYS = DocumentType(
    "money_days", MoneyDay, orders=(Order("latest", equals=(), by=("id",), descending=True),)
)
