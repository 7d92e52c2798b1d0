"""Compares ledger entries with the gap-free numbers of their documents, and with what they name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.findings import FindingKind
from core.numbering import DIGITS, NumberSeries, series_of
from core.reconciliation import Difference
from core.transactions import Transaction

SHOWN = 100
"""Missing numbers of one page that get a finding each."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a pass over all numbers, in ascending order, stands."""

    series: str = ""
    last: int = 0


def position_of(number: str) -> Position:
    """Of a number such as `R-2026-000012`; of an empty one, the beginning."""
    series, _, count = number.rpartition("-")
    return Position(series, int(count)) if count.isdigit() else Position(number)


def of_numbers(before: str, numbers: Iterable[str]) -> Iterator[Difference]:
    """Numbers in ascending order, the first after `before`, that are given twice or left out."""
    at = position_of(before)
    for number in numbers:
        here = position_of(number)
        expected = at.last + 1 if here.series == at.series else 1
        if here == at:
            kind = FindingKind.NUMBER_TWICE
            yield Difference(kind, number, "Two documents have this number.")
        for missing in range(expected, min(here.last, expected + SHOWN)):
            yield _missing(here.series, missing)
        at = here


def of_series(series: NumberSeries, highest: str) -> Iterator[Difference]:
    """`highest` is the highest number that an entry has, empty if none has one."""
    given = position_of(highest).last
    if given > series.last:
        kind = FindingKind.SERIES_BEHIND
        yield Difference(kind, series.id, f"{given} are given out; next is {series.last + 1}.")
    elif given < series.last:
        kind = FindingKind.SERIES_AHEAD
        yield Difference(kind, series.id, f"It has given {series.last}; documents end at {given}.")


def of_entry(entry: Transaction) -> Iterator[Difference]:
    """An entry whose lines do not sum to zero, or that must have a document and has no number."""
    sums: dict[str, int] = {}
    for line in entry.lines:
        sums[line.amount.currency] = sums.get(line.amount.currency, 0) + line.amount.amount
    if any(sums.values()):
        yield Difference(FindingKind.ENTRY_UNBALANCED, entry.id, f"Its lines sum to {sums}.")
    if series_of(entry) is not None and not entry.number:
        yield Difference(FindingKind.NUMBER_MISSING, entry.id, "Its document has no number.")


def _missing(series: str, number: int) -> Difference:
    name = f"{series}-{number:0{DIGITS}}"
    return Difference(FindingKind.NUMBER_GAP, name, "No document has this number.")
