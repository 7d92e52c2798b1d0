"""Searches for developers: words, beginnings of words, and what is left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import Invalid
from core.policy import DAY
from services.developers import FILTERS, Found, Relaxed, SearchCriteria
from tests.app import MemoryApp


async def add_team(app: MemoryApp) -> None:
    """Python, Python and Go, Go; the last one speaks Tamil and is cheap."""
    await app.developer("Asha Nair", 300_000, skills=("Python",))
    await app.developer("Lucía Fernández", 200_000, skills=("Python", "Go"), headline="APIs")
    await app.developer(
        "Ravi Iyer", 100_000, skills=("Go",), languages=("Tamil",), headline="Works on databases"
    )


async def search(app: MemoryApp, **criteria: object) -> Found:
    return await app.services.developers.search(SearchCriteria(**criteria))  # type: ignore[arg-type]


def names(found: Found) -> list[str]:
    return [developer.name.split()[0] for developer in found.items]


@pytest.mark.parametrize("text", ["!!!", "the", " . ", "🔥", "\u202e"])
async def test_a_text_without_a_word_finds_nobody(app: MemoryApp, text: str) -> None:
    await add_team(app)

    found = await search(app, q=text, language="Tamil")

    assert (found.items, found.next, found.no_words, found.relaxed) == ((), None, True, None)
    assert await app.services.developers.count(found.criteria) == 0


@pytest.mark.parametrize("text", ["", "  "])
async def test_no_text_finds_everybody(app: MemoryApp, text: str) -> None:
    await add_team(app)

    found = await search(app, q=text)

    assert len(found.items) == found.complete == 3
    assert not found.no_words


async def test_profiles_with_all_words_come_first(app: MemoryApp) -> None:
    await add_team(app)

    found = await search(app, q="go python")

    assert names(found)[0] == "Lucía"
    assert (len(found.items), found.complete, found.relaxed) == (3, 1, None)
    assert await app.services.developers.count(found.criteria) == 3


@pytest.mark.parametrize(
    ("text", "first"),
    [("pyth", "Asha"), ("datab", None), ("gol", None), ("golan", None), ("py", "Asha")],
)
async def test_the_beginning_of_a_skill_finds_it(
    app: MemoryApp, text: str, first: str | None
) -> None:
    """From three letters, and only of skills; "py" is another name of Python."""
    await add_team(app)

    assert (first in names(await search(app, q=text))) if first else True
    assert bool((await search(app, q=text)).items) is bool(first)


async def test_a_word_that_is_a_skill_is_not_read_as_a_beginning(app: MemoryApp) -> None:
    await app.developer("Asha Nair", skills=("Java",))
    await app.developer("Ravi Iyer", skills=("JavaScript",))

    assert names(await search(app, q="java")) == ["Asha"]
    assert names(await search(app, q="javas")) == ["Ravi"]
    assert names(await search(app, q="jav")) == ["Asha", "Ravi"]


async def test_words_that_no_profile_has_together_are_named(app: MemoryApp) -> None:
    await add_team(app)

    found = await search(app, q="Python, cobol!")
    one = await search(app, q="cobol")

    assert sorted(names(found)) == ["Asha", "Lucía"]
    assert found.relaxed == Relaxed(words=("Python", "cobol"), matched=("Python",))
    assert found.complete == 0
    assert (one.items, one.relaxed) == ((), None)


@pytest.mark.parametrize(
    ("criteria", "left_out", "expected"),
    [
        ({"q": "python", "language": "Tamil"}, ("language",), ["Asha", "Lucía"]),
        ({"q": "go", "max_rate": 50_000}, ("rate",), ["Lucía", "Ravi"]),
        ({"q": "go", "min_rating": 450}, ("min_rating",), ["Lucía", "Ravi"]),
        ({"skills": ("Cobol",), "language": "Tamil"}, ("skill",), ["Ravi"]),
        ({"q": "cobol", "skills": ("Python",)}, ("q",), ["Asha", "Lucía"]),
        ({"timezone": "America/New_York"}, ("timezone",), ["Asha", "Lucía", "Ravi"]),
        (
            {"q": "python", "language": "Tamil", "max_rate": 1},
            ("language", "rate"),
            ["Asha", "Lucía"],
        ),
    ],
)
async def test_without_a_result_filters_are_left_out(
    app: MemoryApp, criteria: dict[str, object], left_out: tuple[str, ...], expected: list[str]
) -> None:
    await add_team(app)

    found = await search(app, **criteria)

    assert sorted(names(found)) == expected
    assert found.relaxed == Relaxed(filters=left_out)
    assert await app.services.developers.count(found.criteria) == len(expected)


async def test_without_a_free_developer_the_time_is_left_out(app: MemoryApp) -> None:
    await add_team(app)
    soon = app.clock.now() + timedelta(minutes=1)

    found = await search(app, q="go", free_from=soon, free_to=soon + timedelta(hours=1))

    assert found.relaxed == Relaxed(filters=("free",))
    assert found.criteria.free_from is None


async def test_nothing_is_left_out_where_that_does_not_help(app: MemoryApp) -> None:
    empty = await search(app, q="python", language="Tamil")
    await add_team(app)

    found = await search(app, q="cobol", language="Klingon", skills=("Basic",))

    assert (empty.items, empty.relaxed) == ((), None)
    assert (found.items, found.relaxed) == ((), None)


async def test_pages_without_a_filter_go_on_without_it(app: MemoryApp) -> None:
    await add_team(app)
    criteria = SearchCriteria(q="python cobol", language="Tamil", limit=1)

    first = await app.services.developers.search(criteria)
    second = await app.services.developers.search(replace(criteria, cursor=first.next))

    assert {*names(first), *names(second)} == {"Asha", "Lucía"}
    assert first.relaxed == Relaxed(("language",), ("python", "cobol"), ("python",))
    assert second.relaxed == Relaxed(("language",))
    assert second.next is None


@pytest.mark.parametrize("cursor", ["drop:", "drop:name:x", "drop:language:", "drop::x", "x"])
async def test_a_cursor_of_another_form_is_refused(app: MemoryApp, cursor: str) -> None:
    await add_team(app)

    with pytest.raises(Invalid) as refused:
        await search(app, q="python", cursor=cursor)
    assert refused.value.fields.keys() == {"cursor"}


async def test_free_developers_are_found_by_words_on_several_pages(app: MemoryApp) -> None:
    for number in range(7):
        await app.developer(f"Dev {number}", skills=("Go", "Python" if number % 2 else "Rust"))
    since = app.clock.now() + DAY
    criteria = SearchCriteria(q="go python", free_from=since, free_to=since + DAY, limit=2)
    seen = list[str]()

    while True:
        found = await app.services.developers.search(criteria)
        seen += [developer.name for developer in found.items]
        if found.next is None:
            break
        criteria = replace(criteria, cursor=found.next)

    assert {*seen[:3]} == {"Dev 1", "Dev 3", "Dev 5"}
    assert sorted(seen) == [f"Dev {number}" for number in range(7)]


async def test_ratings_are_offered_when_there_are_some(app: MemoryApp) -> None:
    await add_team(app)

    assert not await app.services.developers.rated()


def test_every_filter_can_be_left_out() -> None:
    left_out = {name for changes in FILTERS.values() for name in changes}

    assert left_out == set(SearchCriteria.__slots__) - {"sort", "limit", "cursor"}
