"""A profile: what it must have, and how long it may be."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.availability import Availability
from core.developers import Developer, DeveloperId, NotPublished, Rating
from core.errors import Invalid
from core.money import Money
from core.policy import HOUR
from core.weekly_hours import Window
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


def test_a_skill_under_two_names_is_kept_once() -> None:
    skills = ("Postgres", "C++", "Node.js", "cpp", "PostgreSQL", "nodejs", "C", "C#")
    described = a_developer().describe(**{**FORM, "skills": skills})
    assert described.skills == ("Postgres", "C++", "Node.js", "C", "C#")


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
