"""Payout accounts: what is accepted, how names are compared, and what stays of the number."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from core.payout_accounts import (
    Kind,
    NameMatch,
    PayoutAccount,
    PayoutAccountNotReady,
    State,
    match_names,
    new_account,
    plain_name,
)
from core.policy import DAY, SECOND
from core.withdrawals_facts import BeneficiaryFact, BeneficiaryId, BeneficiaryStatus
from onehour.testing.samples.sample import NOW

NAME = "Ananya Iyer"


def an_account(**changes: Any) -> PayoutAccount:
    values: dict[str, Any] = {
        "kind": Kind.BANK,
        "holder": NAME,
        "number": "5010 0482 1709 37",
        "ifsc": "hdfc0000240",
        "profile": NAME,
        "provider": "memory",
        "now": NOW,
        "freeze": DAY,
    }
    return new_account("dev_1", "acc_1", **{**values, **changes})


def usable(name: str = "") -> BeneficiaryFact:
    return BeneficiaryFact(BeneficiaryId("benX"), BeneficiaryStatus.USABLE, name)


@pytest.mark.parametrize(
    ("bank", "match"),
    [
        ("ANANYA IYER", NameMatch.SAME),
        ("Iyer, Ms. Ananya", NameMatch.SAME),
        ("Ánanya  IYER", NameMatch.SAME),
        ("A IYER", NameMatch.CLOSE),
        ("ANANYA S IYER", NameMatch.CLOSE),
        ("ANANYA", NameMatch.CLOSE),
        ("R VENKATESH", NameMatch.OTHER),
        ("A I", NameMatch.OTHER),
        ("ANANYA RAO", NameMatch.OTHER),
        ("12345", NameMatch.UNKNOWN),
        ("अनन्या अय्यर", NameMatch.UNKNOWN),
    ],
)
def test_names_are_compared_as_people_read_them(bank: str, match: NameMatch) -> None:
    assert match_names(NAME, bank) is match
    assert match_names(bank, NAME) is match


def test_a_proposed_holder_has_letters_that_banks_write() -> None:
    assert plain_name("Lucía Fernández-Ñu") == "Lucia FernandezNu"
    assert match_names("Lucía Fernández", plain_name("Lucía Fernández")) is NameMatch.SAME
    assert plain_name("अनन्या") == ""


@given(st.text(max_size=40), st.text(max_size=40))
def test_the_comparison_does_not_depend_on_the_side(one: str, other: str) -> None:
    assert match_names(one, other) is match_names(other, one)


def test_spaces_and_case_of_a_bank_account_do_not_matter() -> None:
    typed, plain = an_account(), an_account(number="50100482170937", ifsc="HDFC0000240")

    assert typed == plain
    assert (typed.destination.ending, typed.destination.ifsc) == ("0937", "HDFC0000240")


def test_the_number_is_not_in_what_is_printed() -> None:
    assert "50100482170937" not in repr(an_account())


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"number": "12345678"}, {"number"}),
        ({"number": "1" * 19}, {"number"}),
        ({"ifsc": "HDFC1000240"}, {"ifsc"}),
        ({"ifsc": ""}, {"ifsc"}),
        ({"holder": ""}, {"holder"}),
        ({"holder": "Ananya Iyer 2"}, {"holder"}),
        ({"holder": "R Venkatesh"}, {"holder"}),
        ({"holder": "", "number": "", "ifsc": ""}, {"holder", "number", "ifsc"}),
        ({"kind": Kind.UPI, "number": "ananya"}, {"upi"}),
        ({"kind": Kind.UPI, "number": "ananya@ok-hdfc"}, {"upi"}),
    ],
)
def test_what_is_no_account_is_refused_with_all_wrong_fields(
    changes: dict[str, Any], fields: set[str]
) -> None:
    with pytest.raises(Invalid) as refused:
        an_account(**changes)

    assert set(refused.value.fields) == fields


def test_a_upi_address_is_shown_in_part() -> None:
    account = an_account(kind=Kind.UPI, number=" Ananya@okhdfc ", ifsc="")

    assert (account.number, account.destination.ending) == ("ananya@okhdfc", "an•••@okhdfc")


def test_the_same_account_has_the_same_id_at_the_provider_and_another_has_another() -> None:
    assert an_account().beneficiary == an_account(holder="A Iyer").beneficiary
    assert an_account().beneficiary != an_account(number="501004821709").beneficiary
    assert an_account().beneficiary != an_account(ifsc="HDFC0000241").beneficiary
    assert len(an_account().beneficiary) <= 50


@pytest.mark.parametrize(
    ("says", "state", "trusted"),
    [
        ("ANANYA IYER", State.USABLE, True),
        ("A IYER", State.USABLE, False),
        ("", State.USABLE, False),
        ("R VENKATESH", State.REFUSED, False),
    ],
)
def test_the_number_is_forgotten_as_soon_as_the_provider_has_answered(
    says: str, state: State, trusted: bool
) -> None:
    account = an_account().settle(usable(says), profile=NAME)

    assert (account.state, account.trusted, account.number) == (state, trusted, "")


def test_a_check_that_goes_on_changes_nothing() -> None:
    account = an_account()
    for status in (BeneficiaryStatus.CHECKING, BeneficiaryStatus.UNKNOWN):
        fact = BeneficiaryFact(account.beneficiary, status)
        assert account.settle(fact, profile=NAME) == account


def test_a_new_account_waits_and_a_refused_one_never_opens() -> None:
    checking, good = an_account(), an_account().settle(usable(NAME), profile=NAME)
    bad = BeneficiaryFact(checking.beneficiary, BeneficiaryStatus.REFUSED, code="bank_ifsc_invalid")
    refused = checking.settle(bad, profile=NAME)

    good.check_ready(NOW + DAY)
    for account, at in ((good, NOW + DAY - SECOND), (checking, NOW + DAY), (refused, NOW + DAY)):
        with pytest.raises(PayoutAccountNotReady):
            account.check_ready(at)
    assert refused.refused == "bank_ifsc_invalid"
