"""Addresses, passwords and sessions, also those that wish us ill."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.accounts import Account, AccountId, Role, Session, checked_password, folded_email
from core.errors import Invalid
from core.policy import DAY, Policy
from tests.core.test_bookings import NOW

POLICY = Policy()
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


@pytest.mark.parametrize(("length", "fine"), [(0, 0), (14, 0), (15, 1), (128, 1), (129, 0)])
def test_passwords_are_long_enough_and_not_too_long(length: int, fine: int) -> None:
    password = ("four quiet trains " * 8)[:length]
    if fine:
        assert checked_password(password, POLICY) == password
        return
    with pytest.raises(Invalid) as refused:
        checked_password(password, POLICY)
    assert set(refused.value.fields) == {"password"}


@pytest.mark.parametrize("password", [" four quiet trains ", "\0four\0quiet\0trains", "पासवर्ड" * 3])
def test_a_password_is_taken_as_it_is(password: str) -> None:
    assert checked_password(password, POLICY) == password


@pytest.mark.parametrize("password", ["a" * 15, "abc" * 5, "\0" * 20])
def test_a_password_of_a_few_letters_over_and_over_is_refused(password: str) -> None:
    with pytest.raises(Invalid):
        checked_password(password, POLICY)


def test_a_session_lives_while_it_is_used_and_never_longer_than_its_life() -> None:
    fresh = Session("hash", AccountId("acc_1"), "seed", created_at=NOW, seen_at=NOW)
    used = Session("hash", AccountId("acc_1"), "seed", created_at=NOW, seen_at=NOW + 29 * DAY)
    assert fresh.alive(now=NOW + 14 * DAY - SECOND, policy=POLICY)
    assert not fresh.alive(now=NOW + 14 * DAY, policy=POLICY)
    assert used.alive(now=NOW + 30 * DAY - SECOND, policy=POLICY)
    assert not used.alive(now=NOW + 30 * DAY, policy=POLICY)


def test_an_address_is_confirmed_once_and_keeps_its_moment() -> None:
    account = Account(
        AccountId("acc_1"), "a@b.c", "Meera", frozenset({Role.CLIENT}), "hash", "UTC", NOW
    )
    confirmed = account.verify_email(now=NOW)
    assert not account.email_verified
    assert confirmed.email_verified
    assert confirmed.verify_email(now=NOW + DAY).email_verified_at == NOW
