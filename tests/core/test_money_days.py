"""Sums of a day: they do not depend on how the day is divided, and nothing is lost."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.money import Money
from core.money_days import MoneyDay
from core.policy import HOUR, MINUTE
from core.transactions import (
    FEES,
    Kind,
    Line,
    Transaction,
    TransactionId,
    clearing,
    earnings,
    escrow,
    gateway,
    movement,
    owed,
    paid_out,
    withdrawing,
)
from tests.app import MONDAY

DAY = MoneyDay.of(MONDAY)
WAYS = {
    Kind.PAY: (gateway("memory"), escrow("b")),
    Kind.REFUND: (escrow("b"), gateway("memory")),
    Kind.CLEAR: (clearing("d"), earnings("d")),
    Kind.WITHDRAW: (earnings("d"), withdrawing("d")),
    Kind.PAYOUT: (withdrawing("d"), paid_out("memory")),
    Kind.PAYOUT_REVERSAL: (paid_out("memory"), earnings("d")),
    Kind.TAKE_BACK: (owed("d"), escrow("b")),
}


def moved(number: int, kind: Kind, paise: int) -> Transaction:
    source, target = WAYS[kind]
    at = DAY.until + number * MINUTE
    lines = movement(Money(paise), source=source, target=target)
    return Transaction(TransactionId(f"{kind}:{number}"), kind, at, lines, "Test")


entries = st.lists(st.tuples(st.sampled_from(sorted(WAYS)), st.integers(1, 10**9))).map(
    lambda drawn: [moved(n, kind, paise) for n, (kind, paise) in enumerate(drawn)]
)


@given(entries, st.integers(0, 50))
def test_a_day_counted_in_two_parts_is_the_day_counted_at_once(
    found: list[Transaction], cut: int
) -> None:
    whole = DAY.add(found, until=DAY.end)

    parts = DAY.add(found[:cut], until=DAY.until + HOUR).add(found[cut:], until=DAY.end)

    assert parts == whole


@given(entries)
def test_what_came_less_what_went_is_what_is_there(found: list[Transaction]) -> None:
    day = DAY.add(found, until=DAY.end)

    assert day.gross - day.refunds - day.paid_out == day.held + day.due_out
    following = day.following()
    assert (following.held, following.due_out) == (day.held, day.due_out)
    assert (following.gross, following.payments, following.paid_out) == (Money(0), 0, Money(0))


def test_a_release_is_divided_and_a_second_payment_is_none() -> None:
    pay = moved(0, Kind.PAY, 100_000)
    lines = (
        Line(escrow("b"), Money(-100_000)), Line(clearing("d"), Money(90_000)),
        Line(FEES, Money(10_000)),
    )  # fmt: skip
    release = Transaction(TransactionId("release:b"), Kind.RELEASE, pay.at, lines, "Release")
    extra = Transaction(
        TransactionId("pay:2"), Kind.EXTRA, pay.at,
        movement(Money(100_000), source=gateway("memory"), target="unapplied:p"), "Second",
    )  # fmt: skip

    day = DAY.add((pay, release, extra), until=DAY.end)

    assert (day.gross, day.payments, day.fees) == (Money(100_000), 1, Money(10_000))
    assert (day.held, day.clearing, day.due_out) == (Money(0), Money(90_000), Money(90_000))


def test_the_cost_of_a_transfer_is_nothing_that_a_developer_got() -> None:
    lines = movement(Money(354), source="transfer_costs", target=paid_out("memory"))
    at = DAY.until
    cost = Transaction(TransactionId("payout-fee:wd"), Kind.PAYOUT_FEE, at, lines, "Cost")

    assert DAY.add((cost,), until=DAY.end).paid_out == Money(0)


def test_a_day_is_one_of_india() -> None:
    assert DAY.id == "2026-11-23"
    assert DAY.until.isoformat() == "2026-11-22T18:30:00+00:00"
    assert DAY.end - DAY.until == timedelta(days=1)
    assert MoneyDay.of(DAY.end - MINUTE).id == DAY.id
    assert MoneyDay.of(DAY.end).id == DAY.following().id == "2026-11-24"
