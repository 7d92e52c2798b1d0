"""Numbers of documents: without a gap, by the financial year of India, at most 16 characters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import Money
from core.numbering import NumberSeries, Series, financial_year, series_id, series_of
from core.transactions import FEES, Kind, Transaction, TransactionId, escrow, gateway, movement

NEW_YEAR = datetime(2027, 3, 31, 18, 30, tzinfo=UTC)
"""Midnight in India at the beginning of April."""


@pytest.mark.parametrize(
    ("at", "year"),
    [
        (NEW_YEAR - timedelta(microseconds=1), 2026),
        (NEW_YEAR, 2027),
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), 2026),
        (datetime(2027, 1, 1, tzinfo=UTC), 2026),
    ],
)
def test_a_financial_year_begins_in_april_by_the_clock_of_india(at: datetime, year: int) -> None:
    assert financial_year(at) == year


@given(st.lists(st.sampled_from([*Series]), max_size=50), st.datetimes(timezones=st.just(UTC)))
def test_each_series_counts_for_itself(wanted: list[Series], at: datetime) -> None:
    series = {each: NumberSeries(series_id(each, at)) for each in Series}
    given_out = list[str]()
    for each in wanted:
        series[each] = series[each].take()
        given_out.append(series[each].number)

    for each in Series:
        mine = [number for number in given_out if number.startswith(f"{each}-")]
        assert [int(number.rpartition("-")[2]) for number in mine] == [*range(1, len(mine) + 1)]
    assert all(len(number) <= 16 for number in given_out)


def test_a_number_reads_as_series_year_and_count() -> None:
    assert NumberSeries(series_id(Series.RECEIPT, NEW_YEAR), last=1873).number == "R-2027-001873"


@pytest.mark.parametrize(
    ("kind", "source", "target", "series"),
    [
        (Kind.PAY, gateway("x"), escrow("b"), Series.RECEIPT),
        (Kind.RELEASE, escrow("b"), FEES, Series.STATEMENT),
        (Kind.REFUND, escrow("b"), gateway("x"), Series.REFUND_NOTE),
        (Kind.REFUND, "unapplied:p", gateway("x"), None),
        (Kind.EXTRA, gateway("x"), "unapplied:p", None),
        (Kind.CLEAR, "clearing:d", "developer:d", None),
    ],
)
def test_only_money_of_a_booking_has_documents(
    kind: Kind, source: str, target: str, series: Series | None
) -> None:
    lines = movement(Money(1), source=source, target=target)
    entry = Transaction(TransactionId("t"), kind, NEW_YEAR, lines, "", booking_id="b")
    assert series_of(entry) is series
