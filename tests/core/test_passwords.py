"""Which passwords are accepted, also with hostile input."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.accounts_policy import AccountPolicy
from core.errors import Invalid
from core.passwords import (
    COMMON,
    EASY,
    PERSONAL,
    as_bytes,
    checked_password,
    ranked,
    weakness,
)
from onehour.testing.running_time import CpuTime

POLICY = AccountPolicy()
FAMOUS = ranked(["123456", "password", "qwerty", "dragon", "Monkey", "iloveyou"])
ANY_TEXT = st.text(alphabet=st.characters(), max_size=150) | st.text(
    "1aА4@\u0301\ufdfa\0 ", max_size=300
)
"""All of Unicode with lone surrogates; and few letters over and over, some that fold to many."""


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("length", [0, 7, 8, 14, 15, 128, 129])
def test_passwords_are_long_enough_and_not_too_long(length: int, alone: bool) -> None:
    password = ("four quiet trains " * 8)[:length]
    if (15 if alone else 8) <= length <= 128:
        assert checked_password(password, POLICY, alone=alone) == password
        return
    with pytest.raises(Invalid) as refused:
        checked_password(password, POLICY, alone=alone)
    assert set(refused.value.fields) == {"password"}


@pytest.mark.parametrize("password", [" four quiet trains ", "\0four\0quiet\0trains", "पासवर्ड" * 3])
def test_a_password_is_taken_as_it_is(password: str) -> None:
    assert checked_password(password, POLICY, alone=True) == password


@pytest.mark.parametrize("password", ["a" * 15, "abc" * 5, "\0" * 20])
def test_a_password_of_a_few_letters_over_and_over_is_refused(password: str) -> None:
    with pytest.raises(Invalid):
        checked_password(password, POLICY, alone=True)


@given(ANY_TEXT, st.booleans())
def test_any_text_is_a_password_or_refused_for_its_length_or_sameness(
    text: str, alone: bool
) -> None:
    fits = (15 if alone else 8) <= len(text) <= 128 and len(set(text)) >= 6
    try:
        assert checked_password(text, POLICY, alone=alone) == text
    except Invalid:
        assert not fits
    else:
        assert fits


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("password", COMMON),
        ("MONKEY", COMMON),
        ("p4$$w0rd", COMMON),
        ("ｐａｓｓｗｏｒｄ", COMMON),
        ("!!password99", COMMON),
        ("dragonmonkeyqwerty", EASY),
        ("zyxwvutsrqponml", EASY),
        ("poiuytrewqlkjhgf", EASY),
        ("k7#k7#k7#k7#k7#", EASY),
        ("Gita2026!", PERSONAL),
        ("gita rao gita rao", PERSONAL),
        ("g1ta.rao 1999", PERSONAL),
        ("OneHour2026!!!", PERSONAL),
        ("gita k7#m rao trains", None),
    ],
)
def test_the_reason_why_a_password_is_weak_is_given(password: str, said: str | None) -> None:
    assert weakness(password, words=["gita@mail.example", "Gita Rao"], common=FAMOUS) == said


def test_long_decorations_are_part_of_the_password() -> None:
    assert weakness("monkey72915308", words=(), common=FAMOUS) == COMMON
    assert weakness("monkey729153086", words=(), common=FAMOUS) is None


@settings(deadline=None)  # measured below as CPU time, which other programs do not affect
@given(ANY_TEXT, st.lists(ANY_TEXT, max_size=40))
def test_any_text_is_judged_in_a_moment(text: str, words: list[str]) -> None:
    with CpuTime() as took:
        said = weakness(text, words=words, common=FAMOUS)
    assert took.seconds < 0.1
    assert said in (None, COMMON, EASY, PERSONAL)


@given(st.text(max_size=20), st.sampled_from(list(FAMOUS)), st.text("0123456789!?", max_size=6))
def test_no_decoration_makes_a_common_password_good(name: str, word: str, ending: str) -> None:
    assert weakness(word.upper() + ending, words=[name], common=FAMOUS) is not None


@given(st.text(alphabet=st.characters(), max_size=128))
def test_however_a_text_is_composed_its_bytes_are_the_same(text: str) -> None:
    assert as_bytes(unicodedata.normalize("NFD", text)) == as_bytes(text)


def test_composing_accents_takes_no_time_that_grows_with_the_square() -> None:
    hostile = "a" + "\u0301\u0323" * 50_000  # some five seconds in one piece
    with CpuTime() as took:
        as_bytes(hostile)
        weakness(hostile, words=[hostile], common=FAMOUS)
    assert took.seconds < 0.5


def test_the_first_place_in_a_list_counts() -> None:
    assert ranked(["dragon", "Monkey", "DRAGON"]) == {"dragon": 1, "monkey": 2}


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("", "Enter a password of at least 15 characters."),
        ("x", "This password has 1 character. Use at least 15"),
        ("xy", "This password has 2 characters. Use at least 15"),
    ],
)
def test_an_empty_and_a_short_password_have_different_messages(password: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked_password(password, AccountPolicy(), alone=True)

    assert refused.value.fields["password"].startswith(said)
