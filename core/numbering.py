"""Numbers of receipts, refund notes, statements and reversals: each series counts 1, 2, 3 … without
a gap in each financial year of India, from April to March (docs/rules.md, receipts).

A document is issued a moment after the ledger entry that it is about, by an outbox message. Until
then the entry has a series, and no number.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType, Self

from core.billing import TaxParty
from core.supplies import Supply
from core.transactions import Kind, Transaction, escrow

DocumentNumber = NewType("DocumentNumber", str)
SeriesId = NewType("SeriesId", str)

INDIA = timedelta(hours=5, minutes=30)
"""India has one time zone, without daylight saving."""
FIRST_MONTH = 4
DIGITS = 6


class Series(StrEnum):
    """What is numbered. The values begin the numbers."""

    RECEIPT = "R"
    REFUND_NOTE = "N"
    STATEMENT = "E"
    REVERSAL = "V"


SERIES_OF: dict[Kind, Series] = {
    Kind.PAY: Series.RECEIPT,
    Kind.REFUND: Series.REFUND_NOTE,
    Kind.REFUND_OTHERWISE: Series.REFUND_NOTE,
    Kind.RELEASE: Series.STATEMENT,
    Kind.TAKE_BACK: Series.REVERSAL,
}


OF_DEVELOPERS = frozenset({Series.STATEMENT, Series.REVERSAL})
"""Documents for the developer; the others are for the client."""


def series_of(entry: Transaction) -> Series | None:
    """The series of the document about a ledger entry, None for one without a document, such as
    the return of a second payment, which never had a receipt. A lost chargeback names its series
    itself: its lines do not say whether the money had been released."""
    if entry.kind is Kind.CHARGEBACK_LOST:
        return Series.REVERSAL if entry.series else None
    ours = escrow(entry.booking_id or "") in {line.account for line in entry.lines}
    return SERIES_OF.get(entry.kind) if ours else None


def financial_year(at: datetime) -> int:
    """The year in which the financial year of this time began: 2026 for 2026-27."""
    there = at + INDIA - (at.utcoffset() or timedelta())
    return there.year if there.month >= FIRST_MONTH else there.year - 1


def series_id(series: Series, at: datetime) -> SeriesId:
    return SeriesId(f"{series}-{financial_year(at)}")


@dataclass(frozen=True, slots=True)
class NumberSeries:
    """The last number of a series in one financial year. It is stored in the transaction that adds
    the document with the number, so a number of a transaction that fails is given out again."""

    id: SeriesId
    last: int = 0
    version: int = 0

    def take(self) -> Self:
        """The series after its next number."""
        return replace(self, last=self.last + 1)

    @property
    def number(self) -> DocumentNumber:
        """The last number, at most 16 characters long, as the tax rules want: `R-2026-001873`."""
        return DocumentNumber(f"{self.id}-{self.last:0{DIGITS}}")


@dataclass(frozen=True, slots=True)
class IssuedDocument:
    """A receipt, refund note, statement or reversal that has its number. `id` is that of the ledger
    entry, `account_id` that of who gets the document. It never changes, and has what it says that
    could change elsewhere; documents of versions without these fields have None there.

    `supply` is the developer's service: the whole on a receipt, what is given back on a refund
    note or reversal, what was released on a statement. `fee` is our service to the developer, on
    statements, and what is given back of it on reversals.
    `issuer` is the operator of the site.
    """

    id: str
    number: DocumentNumber
    booking_id: str
    account_id: str
    issued_at: datetime
    version: int = 0
    issuer: TaxParty | None = None
    supply: Supply | None = None
    fee: Supply | None = None
