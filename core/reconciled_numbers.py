"""Compares ledger entries with their documents, and number series with the numbers given out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from core.accounts import AccountId
from core.bookings import BookingId
from core.findings import FindingKind
from core.numbering import DIGITS, IssuedDocument, NumberSeries, SeriesId
from core.payments_messages import IssueDocument
from core.reconciliation import GRACE, Difference
from core.transactions import Transaction

SHOWN = 100
"""Missing numbers of one series that get a finding each."""


@dataclass(slots=True)
class GivenNumbers:
    """The numbers of one series that documents have: one bit for each."""

    seen: bytearray = field(default_factory=bytearray)
    highest: int = 0
    twice: set[int] = field(default_factory=set)

    def add(self, number: int) -> None:
        self.seen.extend(bytes(max(0, number // 8 + 1 - len(self.seen))))
        bit = 1 << number % 8
        if self.seen[number // 8] & bit:
            self.twice.add(number)
        self.seen[number // 8] |= bit
        self.highest = max(self.highest, number)

    def missing(self) -> Iterator[int]:
        """Those below the highest that no document has."""
        for number in range(1, self.highest):
            if not self.seen[number // 8] & 1 << number % 8:
                yield number


def parts(number: str) -> tuple[str, int]:
    """The series and the count of a number such as `R-2026-000012`; 0 for one of another form."""
    series, _, count = number.rpartition("-")
    return series, int(count) if count.isdecimal() else 0


def full_number(series: str, number: int) -> str:
    return f"{series}-{number:0{DIGITS}}"


def of_series(series: NumberSeries, given: GivenNumbers) -> Iterator[Difference]:
    """Numbers that are given out twice or left out, and a counter that does not fit them. The key
    of a gap is the full number."""
    for number in sorted(given.twice):
        name = full_number(series.id, number)
        detail = f"Two documents have the number {name}."
        yield Difference(FindingKind.NUMBER_TWICE, series.id, detail, name)
    for shown, number in enumerate(given.missing()):
        if shown == SHOWN:
            break
        name = full_number(series.id, number)
        detail = f"No document has the number {name}."
        yield Difference(FindingKind.NUMBER_GAP, series.id, detail, name)
    if given.highest > series.last:
        kind = FindingKind.SERIES_BEHIND
        detail = f"{given.highest} are given out; next is {series.last + 1}."
        yield Difference(kind, series.id, detail)
    if given.highest < series.last:
        kind = FindingKind.SERIES_AHEAD
        detail = f"It has given {series.last}; documents end at {given.highest}."
        yield Difference(kind, series.id, detail)


def of_entry(
    entry: Transaction, issued: IssuedDocument | None, *, reader: str, now: datetime
) -> Iterator[Difference]:
    """An entry whose lines do not sum to zero, or whose document has no number in time. `reader` is
    the account that gets the document."""
    sums: dict[str, int] = {}
    for line in entry.lines:
        sums[line.amount.currency] = sums.get(line.amount.currency, 0) + line.amount.amount
    if any(sums.values()):
        yield Difference(FindingKind.ENTRY_UNBALANCED, entry.id, f"Its lines sum to {sums}.")
    if entry.series and issued is None and now > entry.at + GRACE:
        booking, series = entry.booking_id or "", SeriesId(entry.series)
        yield Difference(
            FindingKind.NUMBER_MISSING,
            entry.id,
            "Its document has no number.",
            repair=IssueDocument(entry.id, BookingId(booking), AccountId(reader), series),
        )
