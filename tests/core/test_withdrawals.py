"""Withdrawals: the one table of states, whatever order the provider's facts come in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from core.money import Money
from core.payout_accounts import Destination, Kind
from core.withdrawals import (
    GIVEN_BACK,
    NEXT,
    RESERVED,
    Contradiction,
    Status,
    Waiting,
    Withdrawal,
    WithdrawalId,
    WithdrawalMovedOn,
    check_amount,
    withdrawal_of,
)
from core.withdrawals_facts import BeneficiaryId, TransferFact, TransferStatus, Why
from onehour.testing.samples.sample import NOW

MINIMUM = 50_000


def a_withdrawal(status: Status = Status.REQUESTED) -> Withdrawal:
    return Withdrawal(
        id=WithdrawalId("wd_0001"),
        developer_id="dev_1",
        account_id="acc_1",
        amount=Money(100_000),
        destination=Destination(Kind.BANK, "Ananya Iyer", "4821", "HDFC0000240"),
        provider="memory",
        beneficiary=BeneficiaryId("ben1"),
        requested_at=NOW,
        day="2026-11-30",
        status=status,
    )


def a_fact(withdrawal: Withdrawal, status: TransferStatus, code: str = "") -> TransferFact:
    return TransferFact(withdrawal.transfer_id, "cf1", status, withdrawal.amount, code, "UTR1")


Act = Callable[[Withdrawal], Withdrawal]


def merging(status: TransferStatus) -> Act:
    return lambda withdrawal: withdrawal.merge(a_fact(withdrawal, status), now=NOW)


ACTS: dict[str, Act] = {
    "hold": lambda w: w.hold(Waiting.OPERATOR, note="Which bank?", now=NOW),
    "release": lambda w: w.release(now=NOW),
    "cancel": lambda w: w.cancel(now=NOW),
    "send": lambda w: w.send(now=NOW),
    "no balance": lambda w: w.merge(
        replace(a_fact(w, TransferStatus.FAILED), why=Why.BALANCE), now=NOW
    ),
    **{status.value: merging(status) for status in TransferStatus},
}


@given(st.lists(st.sampled_from(sorted(ACTS)), max_size=30))
def test_the_state_changes_only_along_the_table(acts: list[str]) -> None:
    withdrawal, seen = a_withdrawal(), [Status.REQUESTED]
    for act in acts:
        try:
            after = ACTS[act](withdrawal)
        except (WithdrawalMovedOn, Contradiction):
            continue
        if after.status is not withdrawal.status:
            assert after.status in NEXT[withdrawal.status]
            seen.append(after.status)
        withdrawal = after

    assert seen.count(Status.SENT) <= 1 + withdrawal.attempt
    assert sum(status in GIVEN_BACK for status in seen) <= 1
    assert seen.count(Status.SUCCEEDED) <= 1
    assert (Status.SENT in seen) or not {Status.SUCCEEDED, Status.FAILED} & set(seen)


def test_every_state_is_reserved_given_back_or_paid_out() -> None:
    assert set(Status) == RESERVED | GIVEN_BACK | {Status.SUCCEEDED}
    assert not RESERVED & GIVEN_BACK


@pytest.mark.parametrize(
    "order",
    list(permutations((TransferStatus.PENDING, TransferStatus.SUCCEEDED, TransferStatus.REVERSED))),
)
def test_the_last_word_is_the_same_in_whatever_order_the_news_arrive(
    order: tuple[TransferStatus, ...],
) -> None:
    withdrawal = a_withdrawal().send(now=NOW)

    for status in order:
        withdrawal = withdrawal.merge(a_fact(withdrawal, status), now=NOW)

    assert withdrawal.status is Status.REVERSED


def test_an_unknown_status_means_nothing() -> None:
    sent = a_withdrawal().send(now=NOW)

    after = sent.merge(a_fact(sent, TransferStatus.UNKNOWN), now=NOW + timedelta(hours=1))

    assert (after.status, after.waiting) == (Status.SENT, Waiting.ANSWER)


@pytest.mark.parametrize(
    ("status", "news"),
    [
        (Status.FAILED, TransferStatus.SUCCEEDED),
        (Status.SUCCEEDED, TransferStatus.FAILED),
        (Status.CANCELLED, TransferStatus.SUCCEEDED),
        (Status.REQUESTED, TransferStatus.SUCCEEDED),
        (Status.HELD, TransferStatus.FAILED),
    ],
)
def test_a_provider_that_contradicts_itself_is_reported(
    status: Status, news: TransferStatus
) -> None:
    withdrawal = a_withdrawal(status)

    with pytest.raises(Contradiction):
        withdrawal.merge(a_fact(withdrawal, news), now=NOW)


def test_what_was_sent_cannot_be_taken_back_or_held() -> None:
    sent = a_withdrawal().send(now=NOW)

    for act in ("cancel", "hold", "release", "send"):
        with pytest.raises(WithdrawalMovedOn):
            ACTS[act](sent)


def test_a_reason_is_needed_to_hold_and_is_gone_after_the_release() -> None:
    with pytest.raises(Invalid) as refused:
        a_withdrawal().hold(Waiting.OPERATOR, note=" ", now=NOW)
    held = a_withdrawal().hold(Waiting.OPERATOR, note="Which bank is it?", now=NOW)

    assert list(refused.value.fields) == ["reason"]
    assert (held.note, held.release(now=NOW).note) == ("Which bank is it?", "")


@pytest.mark.parametrize("paise", [-1, 0, MINIMUM - 1, 100_001])
def test_an_amount_below_the_minimum_or_above_what_is_ready_is_refused(paise: int) -> None:
    with pytest.raises(Invalid) as refused:
        check_amount(Money(paise), minimum=MINIMUM, ready=Money(100_000))

    assert list(refused.value.fields) == ["amount"]


def test_the_whole_and_the_minimum_can_be_withdrawn() -> None:
    for paise in (MINIMUM, 100_000):
        check_amount(Money(paise), minimum=MINIMUM, ready=Money(100_000))


def test_the_number_and_the_id_of_the_transfer_stay() -> None:
    withdrawal = a_withdrawal()

    assert withdrawal.number == withdrawal.send(now=NOW).number
    assert withdrawal.number.startswith("WD-")
    assert withdrawal.transfer_id == "wd_0001"


def test_each_transfer_after_a_rejection_has_an_id_of_its_own() -> None:
    withdrawal, ids = a_withdrawal(), []
    for _ in range(12):
        withdrawal = withdrawal.send(now=NOW)
        ids.append(withdrawal.transfer_id)
        withdrawal = ACTS["no balance"](withdrawal)

    assert len(set(ids)) == 12
    assert withdrawal.rejected == tuple(reversed(ids))
    assert {withdrawal_of(each) for each in ids} == {withdrawal.id}
