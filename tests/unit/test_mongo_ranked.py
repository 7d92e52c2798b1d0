"""Pages of a search with words, whatever the sizes of blocks, ranges and pages are."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from adapters.mongo.ranked import Reader, ranked_page
from adapters.mongo.searches import GROWTH, RANGE, SAMPLE, SearchStatistics
from core.search_terms import ProfileTerms
from ports.ranking import Candidate, Place, candidate

WORDS = (("a",), ("b", "bb"), ("c",))


@dataclass(frozen=True)
class ListReader(Reader[int]):
    """Reads profiles from a list: the matched words and weights are drawn by Hypothesis."""

    profiles: Sequence[Candidate[int]]
    reach: str | None
    steps: Sequence[str]
    words: int = len(WORDS)

    def until(self) -> str | None:
        return self.reach

    def ends(self, place: Place) -> Iterator[str | None]:
        yield from (step for step in self.steps if step > place.start)
        yield None

    async def read(
        self, start: str, end: str | None, *, all_words: bool, most: int | None
    ) -> tuple[list[Candidate[int]], str | None]:
        found = [
            each
            for each in self.profiles
            if each.rank.key > start
            and (end is None or each.rank.key <= end)
            and (each.rank.words == self.words if all_words else each.rank.words)
        ]
        if most and len(found) >= most:
            return found[:most], found[most - 1].rank.key
        return found, end


KEYS = [f"{number:03d}" for number in range(40)]
TERMS = st.lists(st.sampled_from(["a", "b", "bb", "c", "d"]), unique=True).flatmap(
    lambda terms: st.builds(
        ProfileTerms, st.just(tuple(terms)), st.integers(0, 2), st.integers(2, 5)
    )
)
READERS = st.builds(
    ListReader,
    st.lists(TERMS, max_size=len(KEYS)).map(
        lambda found: [candidate(n, KEYS[n], terms, WORDS) for n, terms in enumerate(found)]
    ),
    st.none() | st.sampled_from(KEYS),
    st.lists(st.sampled_from(KEYS), unique=True, max_size=6).map(sorted),
)


async def all_pages(reader: ListReader, limit: int, most: int) -> list[Candidate[int]]:
    found, place = list[Candidate[int]](), Place()
    while True:
        page = await ranked_page(reader, limit=limit, place=place, most=most)
        assert len(page.items) == limit or page.next is None
        assert page.items or not found
        found += page.items
        if page.next is None:
            return found
        place = Place.of(str(page.next))
        assert place == page.next


@given(READERS, st.integers(1, 12), st.integers(2, 50))
def test_everybody_is_on_one_page(reader: ListReader, limit: int, most: int) -> None:
    found = asyncio.run(all_pages(reader, limit, most))

    matching = [each.item for each in reader.profiles if each.rank.words]
    assert sorted(each.item for each in found) == matching


@given(READERS, st.integers(1, 12), st.integers(2, 50))
def test_profiles_with_all_words_come_first_as_far_as_they_are_looked_for(
    reader: ListReader, limit: int, most: int
) -> None:
    found = asyncio.run(all_pages(reader, limit, most))

    complete = [
        each.item
        for each in reader.profiles
        if each.rank.words == 3 and (reader.reach is None or each.rank.key <= reader.reach)
    ]
    assert sorted(each.item for each in found[: len(complete)]) == complete


@given(READERS, st.integers(1, 12))
def test_one_block_is_in_the_order_of_its_ranks(reader: ListReader, limit: int) -> None:
    one_block = ListReader(reader.profiles, None, ())

    found = asyncio.run(all_pages(one_block, limit, most=100))

    assert found == sorted(
        (each for each in reader.profiles if each.rank.words), key=lambda each: each.rank
    )


def statistics(published: int, total: int) -> SearchStatistics:
    """A sample with `published` profiles, of whom every fourth has the word "often"."""
    sample = [
        {"by": f"{number:04d}", "terms": ["*", *(["often"] if number % 4 == 0 else [])]}
        for number in range(published)
    ]
    return SearchStatistics(sample, ["by"], published / total)


def test_ranges_grow_with_the_number_of_expected_profiles() -> None:
    many = statistics(SAMPLE, 100_000)
    per_key = 100_000 / SAMPLE / 4

    ends = list(many.ends("by", "", ["often"]))

    sizes = [RANGE * GROWTH**n for n in range(5)]
    steps = [max(1, round(size / per_key)) for size in sizes]
    assert ends == [f"{sum(steps[: n + 1]) - 1:04d}" for n in range(len(steps))] + [None]
    assert next(many.ends("by", ends[1] or "", ["often"])) == f"{sum(steps[:2]):04d}"


def test_few_profiles_are_one_range() -> None:
    few = statistics(30, 30)

    assert list(few.ends("by", "", ["often"])) == [None]
    assert few.end_of("by", ["often"], profiles=2_000) is None


def test_a_bounded_number_of_profiles_with_a_frequent_word_is_looked_through() -> None:
    assert statistics(SAMPLE, 2_000).end_of("by", ["often"], profiles=2_000) is None
    assert statistics(SAMPLE, 100_000).end_of("by", ["seldom"], profiles=2_000) is None
    assert statistics(SAMPLE, 100_000).end_of("by", ["often"], profiles=2_000) == "0020"
    assert statistics(SAMPLE, 1_000_000).end_of("by", ["often"], profiles=2_000) == "0002"
