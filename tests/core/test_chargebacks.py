"""How a chargeback is divided, and which reports of the provider count."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from core.chargebacks import (
    STEP_OF,
    Chargeback,
    ChargebackFact,
    Status,
    chargeback_id,
    divided,
)
from core.money import Money
from core.policy import HOUR

NOW = datetime(2026, 11, 30, 6, 0, tzinfo=UTC)
MONEY = st.integers(0, 10_000_000).map(Money)
FACT = ChargebackFact("cb1", Status.OPEN, "CHARGEBACK_CREATED", Money(100_000), NOW, NOW)


def a_chargeback(status: Status = Status.OPEN) -> Chargeback:
    return Chargeback(
        chargeback_id("cashfree", "cb1"), "cashfree", "cb1", "pay_1", "bkg_1", "OH-1", "cl_1",
        "dev_1", Money(100_000), status, "Not received", NOW, NOW,
    )  # fmt: skip


@given(MONEY, MONEY, st.booleans(), st.integers(0, 30))
def test_the_parts_of_a_reserve_are_what_is_questioned(
    amount: Money, left: Money, held: bool, fee_percent: int
) -> None:
    taken = divided(amount, left=left, held=held, fee_percent=fee_percent)

    parts = (taken.held, taken.developer, taken.fee, taken.losses)
    assert sum((each.amount for each in parts), 0) == amount.amount == taken.total.amount
    assert all(each.amount >= 0 for each in parts)
    assert taken.paid.amount == min(amount.amount, left.amount)
    assert not (taken.held and (taken.developer or taken.fee))


@given(MONEY, st.integers(0, 30))
def test_all_of_what_was_released_is_earning_and_fee_as_it_was(
    left: Money, fee_percent: int
) -> None:
    taken = divided(left, left=left, held=False, fee_percent=fee_percent)
    fee = left.percent(fee_percent)
    assert (taken.fee, taken.developer) == (fee, left - fee)


def test_every_status_follows_every_other_in_the_order_of_the_provider() -> None:
    for before in Status:
        for after in Status:
            fact = replace(FACT, status=after, changed_at=NOW + HOUR)
            assert a_chargeback(before).follow(fact).status is after
    assert set(STEP_OF) == set(Status)


def test_older_and_unknown_reports_change_nothing() -> None:
    now = replace(a_chargeback(Status.WON), changed_at=NOW + HOUR)
    assert now.follow(FACT) == now
    assert now.follow(replace(FACT, status=None, changed_at=NOW + 2 * HOUR)) == now


def test_a_case_that_is_open_again_awaits_evidence_again() -> None:
    sent = a_chargeback().send_evidence(NOW)
    reviewed = sent.follow(replace(FACT, status=Status.REVIEW, changed_at=NOW + HOUR))
    again = reviewed.follow(replace(FACT, changed_at=NOW + 2 * HOUR))
    assert (sent.awaits_evidence, reviewed.awaits_evidence) == (False, False)
    assert again.awaits_evidence
