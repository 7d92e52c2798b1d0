"""The running balance of a developer: no amount is ever below zero, and nothing is lost."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.earnings import Balance, Clearing, Overdrawn
from core.money import Money, zero
from core.payments_policy import PaymentPolicy
from core.policy import DAY
from core.transactions import Line, clearing, earnings, movement, owed, withdrawing
from onehour.testing.samples.sample import NOW

DEV = "dev_1"
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["release", "clear", "withdraw", "pay out", "give back", "take back"]),
        st.integers(1, 1_000),
    ),
    max_size=40,
)


def lines_of(balance: Balance, step: str, amount: Money) -> tuple[Line, ...]:
    """The lines of the step for the developer's accounts, and one for the rest of the world."""
    match step:
        case "release":
            return movement(amount, source="escrow", target=clearing(DEV))
        case "clear":
            return Line(clearing(DEV), -amount), *balance.credit(amount)
        case "withdraw":
            return movement(amount, source=earnings(DEV), target=withdrawing(DEV))
        case "pay out":
            return movement(amount, source=withdrawing(DEV), target="paid_out")
        case "give back":
            return Line(withdrawing(DEV), -amount), *balance.credit(amount)
    part = Money(min(amount.amount, balance.clearing.amount))
    return *balance.take(amount, from_clearing=part), Line("escrow", amount)


@given(STEPS)
def test_no_amount_is_below_zero_and_only_owed_money_makes_the_balance_negative(
    steps: list[tuple[str, int]],
) -> None:
    balance, ledger = Balance.empty(DEV, "INR"), Counter[str]()
    for step, paise in steps:
        lines = lines_of(balance, step, Money(paise))
        assert sum(line.amount.amount for line in lines) == 0
        try:
            balance = balance.apply(lines)
        except Overdrawn:
            assert step in ("clear", "withdraw", "pay out", "give back")
            continue
        ledger.update({line.account: 0 for line in lines})
        for line in lines:
            ledger[line.account] += line.amount.amount

        assert ledger[clearing(DEV)] == balance.clearing.amount >= 0
        assert ledger[earnings(DEV)] == balance.available.amount >= 0
        assert ledger[withdrawing(DEV)] == balance.withdrawing.amount >= 0
        assert -ledger[owed(DEV)] == balance.owed.amount >= 0
        assert not (balance.owed and balance.available)
        assert balance.ready == balance.available - balance.owed


def test_what_is_owed_is_netted_before_money_is_ready() -> None:
    balance = Balance.empty(DEV, "INR").apply([Line(owed(DEV), Money(-300))])

    first = balance.apply(balance.credit(Money(200)))
    second = first.apply(first.credit(Money(250)))

    assert (balance.ready, first.ready, second.ready) == (Money(-300), Money(-100), Money(150))
    assert (second.available, second.owed) == (Money(150), zero())


def test_other_accounts_and_currencies_do_not_change_the_balance() -> None:
    balance = Balance.empty(DEV, "INR")

    after = balance.apply([Line(earnings("dev_2"), Money(5)), Line(earnings(DEV), Money(5, "USD"))])

    assert after == balance


def test_more_than_is_ready_cannot_leave() -> None:
    balance = Balance.empty(DEV, "INR").apply([Line(earnings(DEV), Money(100))])

    with pytest.raises(Overdrawn):
        balance.apply(movement(Money(101), source=earnings(DEV), target=withdrawing(DEV)))


def test_money_that_has_cleared_is_not_taken_from_clearing() -> None:
    due = Clearing("bkg_1", DEV, Money(100), NOW, NOW + DAY)

    left, taken = due.take(Money(130))
    cleared, nothing = due.clear().take(Money(130))

    assert (left.amount, taken) == (Money(0), Money(100))
    assert (cleared, nothing) == (replace(due, cleared=True), Money(0))


@given(st.integers(0, 10))
def test_the_first_jobs_clear_later(before: int) -> None:
    policy = PaymentPolicy()

    due = policy.clears_at(NOW, releases_before=before)

    assert due - NOW == (timedelta(days=7) if before < 3 else timedelta(days=3))
