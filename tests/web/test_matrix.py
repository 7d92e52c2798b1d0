"""Who may do what: the reviewed table, and what must hold for every line of it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

import pytest

from tests.web.matrix import ABSENT, FILE, FOREIGN, HIDDEN, NOT_ASKED, Answered, whole
from web.shared.access import Who

WORDS = {"yes", "away", "login", "fresh", "role", "none", "state", "csrf", "sign", NOT_ASKED}
OUTSIDE = {"login", "csrf", NOT_ASKED}
"""What whoever is not signed in hears."""
OPEN = (Who.ANYONE, Who.GATEWAY)
Asked = tuple[list[Answered], str]


@pytest.fixture(scope="module")
async def asked() -> Asked:
    """Every question, once."""
    return await whole()


async def test_everybody_gets_what_the_reviewed_table_says(asked: Asked) -> None:
    reviewed = FILE.read_text(encoding="utf-8").splitlines()

    changed = list(difflib.unified_diff(reviewed, asked[1].splitlines(), "reviewed", "now", n=0))

    header = next(line for line in reviewed if line.startswith("method "))
    told = "\n".join([f" {header}", *changed])
    again = "python -m tests.web.matrix"
    assert not changed, f"Review this, then write it with `{again}`:\n{told}"


async def test_every_answer_is_one_of_the_words_and_none_is_a_failure_of_ours(
    asked: Asked,
) -> None:
    strange = [
        (*each.row.title, name, word)
        for each in asked[0]
        for name, word in each.verdicts.items()
        if word not in WORDS
    ]

    assert strange == []
    assert sum(len(each.verdicts) for each in asked[0]) > 2500


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


async def test_what_wants_a_fresh_code_is_refused_without_one_whoever_asks(asked: Asked) -> None:
    wants = [each for each in asked[0] if each.row.access.fresh]
    stale = [each for each in wants if not each.row.fresh]

    assert len(stale) > 20
    for each in stale:
        assert set(each.verdicts.values()) <= {"fresh", "role", *OUTSIDE}, each.row.title
        assert "fresh" in each.verdicts.values(), each.row.title
    routes = {(each.row.method, each.row.rule.rule) for each in stale}
    given = {
        (each.row.method, each.row.rule.rule)
        for each in wants
        if each.row.fresh and {"yes", "away"} & set(each.verdicts.values())
    }
    assert given == routes, "with a fresh code somebody gets it"


@pytest.mark.parametrize("outsider", ["anon", "unver", "pend", "susp"])
async def test_who_is_not_signed_in_gets_nothing_but_what_is_for_anyone(
    asked: Asked, outsider: str
) -> None:
    for each in asked[0]:
        theirs = Who.PENDING if outsider == "pend" else None
        if each.row.access.who not in (*OPEN, theirs):
            assert each.verdicts[outsider] in OUTSIDE, each.row.title


async def test_for_every_route_there_is_somebody_who_gets_it(asked: Asked) -> None:
    routes = {(each.row.method, each.row.rule.rule) for each in asked[0]}
    given = {
        (each.row.method, each.row.rule.rule)
        for each in asked[0]
        if {"yes", "away"} & set(each.verdicts.values())
    }

    assert routes - given == set()
