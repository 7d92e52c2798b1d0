"""E-mail addresses, rate limits and sessions, also with hostile input."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.accounts import Account, AccountId, Role, first_name, folded_email
from core.accounts_policy import AccountPolicy
from core.errors import Invalid
from core.factors import Factor
from core.policy import DAY
from core.sessions import Caller, Session
from tests.core.test_bookings import NOW

POLICY = AccountPolicy()
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("meera@example.com", "meera@example.com"),
        ("  Meera@Example.COM\n", "meera@example.com"),
        ("o'neill+hours@mail.example.co.in", "o'neill+hours@mail.example.co.in"),
        ("मीरा@उदाहरण.भारत", "मीरा@उदाहरण.भारत"),
    ],
)
def test_an_address_is_compared_without_case_and_outer_space(written: str, folded: str) -> None:
    assert folded_email(written) == folded


@pytest.mark.parametrize(
    "text",
    [
        "", "@", "meera", "meera@", "@example.com", "meera@example", "a b@example.com",
        "a@example.com,b@example.com", "a@example.com\r\nBcc: all@example.com",
        "a\0@example.com", "a\u202e@example.com", "a\u2028@example.com", "a\x0b@example.com",
        "<a@example.com>", "x" * 250 + "@e.com", "x" * 10_000 + "@example.com",
    ],
)  # fmt: skip
def test_what_cannot_be_an_address_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        folded_email(text)
    assert set(refused.value.fields) == {"email"}


@given(st.text(max_size=300))
def test_any_text_is_an_address_or_refused_and_folding_settles(text: str) -> None:
    try:
        folded = folded_email(text)
    except Invalid:
        return
    assert folded_email(folded) == folded
    assert folded.isprintable()


def test_a_session_lasts_while_it_is_used_up_to_its_maximum_age() -> None:
    fresh = Session("hash", AccountId("acc_1"), "seed", created_at=NOW, seen_at=NOW)
    used = Session("hash", AccountId("acc_1"), "seed", created_at=NOW, seen_at=NOW + 29 * DAY)
    assert fresh.is_active(now=NOW + 14 * DAY - SECOND, policy=POLICY)
    assert not fresh.is_active(now=NOW + 14 * DAY, policy=POLICY)
    assert used.is_active(now=NOW + 30 * DAY - SECOND, policy=POLICY)
    assert not used.is_active(now=NOW + 30 * DAY, policy=POLICY)


def test_an_address_is_confirmed_once_and_keeps_its_moment() -> None:
    account = Account(
        AccountId("acc_1"), "a@b.c", "Meera", frozenset({Role.CLIENT}), "hash", "UTC", NOW
    )
    confirmed = account.verify_email(now=NOW)
    assert not account.email_verified
    assert confirmed.email_verified
    assert confirmed.verify_email(now=NOW + DAY).email_verified_at == NOW


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.7", "203.0.113.8", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:203.0.113.7", "::ffff:203.0.113.8", False),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("no address", "none either", False),
    ],
)
def test_attempts_are_counted_by_what_one_person_cannot_change_at_will(
    one: str, other: str, same: bool
) -> None:
    assert (Caller(address=one).source == Caller(address=other).source) is same


def test_who_has_administered_with_a_short_password_keeps_the_second_factor() -> None:
    account = Account(
        AccountId("acc_1"), "a@b.c", "Asha", frozenset({Role.CLIENT}), "hash", "UTC", NOW
    )
    admin = account.with_roles(frozenset({Role.ADMIN})).with_password("short", short=True)
    assert admin.with_roles(frozenset({Role.CLIENT})).factor is Factor.EMAIL


def test_the_first_name_is_the_first_word() -> None:
    assert [first_name(name) for name in ("Lucía Fernández", "Cher", "")] == ["Lucía", "Cher", ""]
