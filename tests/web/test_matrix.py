"""The reviewed access matrix, and the rules that hold for every line of it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

import pytest

from tests.web.matrix import ABSENT, FILE, FOREIGN, HIDDEN, NOT_ASKED, OWN, Answered, whole
from web.shared.access import Who

WORDS = {
    "yes",
    "away",
    "login",
    "fresh",
    "role",
    "none",
    "state",
    "csrf",
    "sign",
    "link",
    NOT_ASKED,
}
OUTSIDE = {"login", "csrf", NOT_ASKED}
"""Outcomes for callers who are not signed in."""
OPEN = (Who.ANYONE, Who.GATEWAY)
Asked = tuple[list[Answered], str]


@pytest.fixture(scope="module")
async def asked() -> Asked:
    """Every request once, with its outcomes."""
    return await whole()


async def test_the_answers_are_those_of_the_reviewed_matrix(asked: Asked) -> None:
    reviewed = FILE.read_text(encoding="utf-8").splitlines()

    changed = list(difflib.unified_diff(reviewed, asked[1].splitlines(), "reviewed", "now", n=0))

    header = next(line for line in reviewed if line.startswith("method "))
    listed = "\n".join([f" {header}", *changed])
    again = "python -m tests.web.matrix"
    assert not changed, f"Review this, then write it with `{again}`:\n{listed}"


async def test_every_outcome_is_a_known_word_and_none_is_a_server_error(
    asked: Asked,
) -> None:
    strange = [
        (*each.row.title, name, word)
        for each in asked[0]
        for name, word in each.outcomes.items()
        if word not in WORDS
    ]

    assert strange == []
    assert sum(len(each.outcomes) for each in asked[0]) > 2500


async def test_a_refusal_is_byte_for_byte_the_same_for_what_is_foreign_and_what_is_not_there(
    asked: Asked,
) -> None:
    compared = 0
    for absent, other in _pairs(asked[0]):
        for name, refusal in other.refusals.items():
            where = (*other.row.title, name)
            assert refusal == absent.refusals[name], where
            compared += 1

    assert compared > 400


def _pairs(found: list[Answered]) -> Iterator[tuple[Answered, Answered]]:
    def key(each: Answered) -> tuple[str, str, bool]:
        return each.row.method, each.row.rule.rule, each.row.fresh

    absent = {key(each): each for each in found if each.row.thing == ABSENT}
    for each in found:
        if each.row.thing in (FOREIGN, HIDDEN):
            yield absent[key(each)], each


def _of_no_administrator(each: Answered) -> bool:
    """Its own thing of an administrator who has none; a foreign one has a row too."""
    row = each.row
    return (row.access.who, row.thing, each.outcomes["admin"]) == (Who.ADMIN, OWN, NOT_ASKED)


async def test_what_needs_a_fresh_code_is_refused_without_one_for_every_role(asked: Asked) -> None:
    wants = [each for each in asked[0] if each.row.access.step_up]
    stale = [each for each in wants if not each.row.fresh and not _of_no_administrator(each)]

    assert len(stale) > 20
    for each in stale:
        assert set(each.outcomes.values()) <= {"fresh", "role", *OUTSIDE}, each.row.title
        assert "fresh" in each.outcomes.values(), each.row.title
    routes = {(each.row.method, each.row.rule.rule) for each in stale}
    given = {
        (each.row.method, each.row.rule.rule)
        for each in wants
        if each.row.fresh and {"yes", "away"} & set(each.outcomes.values())
    }
    assert given == routes, "with a fresh code somebody gets it"


@pytest.mark.parametrize("outsider", ["anon", "unver", "pend", "susp"])
async def test_callers_who_are_not_signed_in_may_use_public_routes_only(
    asked: Asked, outsider: str
) -> None:
    for each in asked[0]:
        theirs = Who.PENDING if outsider == "pend" else None
        if each.row.access.who not in (*OPEN, theirs):
            assert each.outcomes[outsider] in OUTSIDE, each.row.title


async def test_every_route_can_be_used_by_somebody(asked: Asked) -> None:
    routes = {(each.row.method, each.row.rule.rule) for each in asked[0]}
    given = {
        (each.row.method, each.row.rule.rule)
        for each in asked[0]
        if {"yes", "away"} & set(each.outcomes.values())
    }

    assert routes - given == set()
