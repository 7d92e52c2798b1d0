"""A profile: what it must have, how long it may be, and the words it is found by."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.availability import Availability, Window
from core.developers import (
    STOP_WORDS,
    Developer,
    DeveloperId,
    NotPublished,
    Rating,
    folded,
    language_term,
    skill_term,
    words_of,
)
from core.errors import Invalid
from core.money import Money
from core.policy import HOUR
from tests.core.test_bookings import NOW

FORM: dict[str, Any] = {
    "headline": "Finds out why your database is slow",
    "bio": "",
    "skills": ("PostgreSQL", "C++"),
    "languages": ("Español",),
    "rate": Money(240_000),
    "revisions": 2,
}


def a_developer(**special: object) -> Developer:
    usual = Developer(
        id=DeveloperId("dev_1"),
        account_id="acc_1",
        name="Lucía Fernández",
        availability=Availability("Europe/Madrid", (Window(0, 540, 1020),)),
    ).describe(**FORM)
    return replace(usual, **special)  # type: ignore[arg-type]


def test_a_profile_is_found_by_its_words_in_any_case_and_without_accents() -> None:
    assert a_developer().terms == tuple(
        sorted(
            ["*", "zone:Europe/Madrid", "language:espanol", "skill:postgresql", "skill:c++"]
            + "lucia fernandez finds out why database postgresql c++".split()
        )
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Slow SQL? My database!", {"sql", "database"}),
        ("C++ and C# on .NET", {"c++", "c#", ".net"}),
        ("São Paulo, ＰＹＴＨＯＮ", {"sao", "paulo", "python"}),
        ("हिन्दी", words_of("हिन्दी")),
        ("a an the", set()),
        ("\0\u202e", set()),
        ("", set()),
    ],
)
def test_the_words_of_a_text(text: str, words: set[str]) -> None:
    assert words_of(text) == words


@given(st.text(max_size=200))
def test_search_words_are_short_and_folded_and_no_stop_words(text: str) -> None:
    for word in words_of(text):
        assert 2 <= len(word) <= 40
        assert word not in STOP_WORDS
        assert not any(mark.isspace() or mark in "\0$" for mark in word)


def test_ten_thousand_characters_make_no_long_words() -> None:
    assert {len(word) for word in words_of("x" * 10_000)} == {40}


@pytest.mark.parametrize("text", ["Español", " ESPAÑOL ", "espanol", "Espan\u0303ol"])
def test_writings_of_one_word_fold_to_one_form(text: str) -> None:
    assert folded(text) == "espanol"
    assert language_term(text) == "language:espanol"


def test_a_skill_is_found_however_it_is_written() -> None:
    assert skill_term(" Straße ") == skill_term("STRASSE") == "skill:strasse"


@pytest.mark.parametrize(
    ("special", "missing"),
    [
        ({"headline": ""}, "a headline"),
        ({"skills": ()}, "at least one skill"),
        ({"rate": Money(0)}, "a price per hour"),
        ({"availability": Availability("Europe/Madrid")}, "weekly hours"),
    ],
)
def test_a_profile_with_a_gap_is_not_published(special: dict[str, object], missing: str) -> None:
    with pytest.raises(NotPublished) as refused:
        a_developer(**special).publish()
    assert refused.value.message == f"Before you publish, add {missing}."
    assert a_developer().publish().published


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rate", Money(0)),
        ("rate", Money(-1)),
        ("rate", Money(10_000_001)),
        ("revisions", -1),
        ("revisions", 11),
        ("headline", "x" * 121),
        ("bio", "x" * 4_001),
        ("bio", "x" * 10_000),
        ("skills", tuple(f"Skill {n}" for n in range(16))),
        ("skills", ("x" * 41,)),
        ("languages", tuple(f"Language {n}" for n in range(11))),
        ("languages", ("x" * 10_000,)),
    ],
)
def test_answers_beyond_the_limits_are_refused(field: str, value: object) -> None:
    with pytest.raises(Invalid) as refused:
        a_developer().describe(**{**FORM, field: value})
    assert set(refused.value.fields) == {field}


def test_skills_are_kept_once_in_their_order_as_first_written() -> None:
    described = a_developer().describe(
        **{**FORM, "skills": ("Python", " ", "SQL", "python", "  Type   Script ")}
    )
    assert described.skills == ("Python", "SQL", "Type Script")


def test_next_times_are_shown_while_they_can_still_be_booked() -> None:
    soon, later = NOW + 4 * HOUR, NOW + 5 * HOUR
    developer = a_developer(next_times=(soon, later))
    assert developer.upcoming(now=NOW) == (soon, later)
    assert developer.upcoming(now=NOW + timedelta(seconds=1)) == (later,)


def test_stars_are_kept_in_hundredths() -> None:
    assert Rating(467, 12).average == 4.67


def test_texts_of_earlier_rules_may_be_sent_again_unchanged() -> None:
    early: dict[str, Any] = {
        "headline": "\u202eevil",
        "bio": "a\0b",
        "skills": ("C\x1b",),
        "languages": ("\x00",),
    }
    stored = a_developer(**early)

    assert stored.describe(**{**FORM, **early}) == replace(stored, rate=FORM["rate"])
    for field, value in early.items():
        with pytest.raises(Invalid):
            stored.describe(**{**FORM, **early, field: value + value})
