"""Developers in a store, and how they are found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest

from core.developers import Developer, Rating
from core.money import Money
from core.policy import HOUR, MINUTE
from core.search_terms import language_term, skill_term
from onehour.testing.samples.developers import START, a_developer
from onehour.testing.samples.sample import assert_whole
from ports.developers import DeveloperPage, Search, SkillCount, Sort, position_of
from ports.store import Duplicate, Store

SORTED = {
    Sort.RATING: lambda d: (-d.rating.hundredths, -d.rating.count, d.id),
    Sort.RATE: lambda d: (d.rate.amount, d.id),
    Sort.NEXT_FREE: lambda d: (not d.next_times, d.next_times, d.id),
}


def three_developers() -> list[Developer]:
    """Thirty developers who differ in all search criteria; some are equal in each sort order."""
    return [
        a_developer(
            number,
            rating=Rating(400 + number % 7 * 10, number % 3),
            rate=Money(100_000 + number % 11 * 1000),
            next_times=(START + number % 5 * HOUR,) if number % 6 else (),
            skills=("Python", "Go") if number % 2 else ("python ", "Rust"),
        )
        for number in range(30)
    ]


async def keep(store: Store, developers: Sequence[Developer]) -> None:
    for developer in developers:
        await store.repositories.developers.add(developer)


async def all_pages(store: Store, search: Search) -> list[Developer]:
    found: list[Developer] = []
    while True:
        page = await store.repositories.developers.search(search)
        found.extend(page.items)
        if page.next is None:
            return found
        search = replace(search, cursor=page.next)


class DevelopersContract:
    async def test_a_developer_comes_back_whole(self, store: Store) -> None:
        assert_whole(a_developer())

        await store.repositories.developers.add(a_developer())

        assert await store.repositories.developers.get(a_developer().id) == a_developer()
        assert await store.repositories.developers.find_by_account("acc_1") == a_developer()
        assert await store.repositories.developers.find_by_account("acc_2") is None

    async def test_an_account_has_one_developer(self, store: Store) -> None:
        await store.repositories.developers.add(a_developer(1))

        with pytest.raises(Duplicate):
            await store.repositories.developers.add(a_developer(2, account_id="acc_1"))

    @pytest.mark.parametrize("sort", Sort)
    async def test_pages_follow_the_order_without_gap_or_repeat(
        self, store: Store, sort: Sort
    ) -> None:
        team = three_developers()
        await keep(store, team)

        for _ in range(2):  # a second time, when the store may remember the first
            found = await all_pages(store, Search(sort=sort, limit=7))

            assert [d.id for d in found] == [d.id for d in sorted(team, key=SORTED[sort])]
            assert all(not developer.bio for developer in found)
            assert replace(found[0], bio=a_developer().bio) in team

    async def test_a_page_is_right_after_others_have_come_and_gone(self, store: Store) -> None:
        await keep(store, [a_developer(n, rate=Money(1000 * n)) for n in range(1, 31)])
        search = Search(sort=Sort.RATE, limit=5)
        assert await self._numbers(store, search) == [1, 2, 3, 4, 5]

        for number in (1, 2, 3, 5, 6, 7, 8, 9, 10, 11):
            leaving = await store.repositories.developers.get(a_developer(number).id)
            await store.repositories.developers.save(replace(leaving, published=False))
        await keep(store, [a_developer(40, rate=Money(500))])

        assert await self._numbers(store, search) == [40, 4, 12, 13, 14]
        assert await self._numbers(store, search) == [40, 4, 12, 13, 14]

    async def test_all_terms_must_match(self, store: Store) -> None:
        await keep(store, three_developers())

        both = await all_pages(store, Search(terms=(skill_term("Python"), skill_term("go"))))
        word = await all_pages(
            store, Search(words=(("rust",),), terms=(language_term("Malayalam"),))
        )
        none = await all_pages(store, Search(words=(("rust",),), terms=(skill_term("Go"),)))

        assert {int(developer.id[4:]) % 2 for developer in both} == {1}
        assert {int(developer.id[4:]) % 2 for developer in word} == {0}
        assert (len(both), len(word), none) == (15, 15, [])

    async def test_rates_and_ratings_narrow_a_search(self, store: Store) -> None:
        team = three_developers()
        await keep(store, team)
        search = Search(min_rate=102_000, max_rate=106_000, min_rating=430, limit=4)

        found = await all_pages(store, search)

        fits = [
            d for d in team if 102_000 <= d.rate.amount <= 106_000 and d.rating.hundredths >= 430
        ]
        assert [d.id for d in found] == [d.id for d in sorted(fits, key=SORTED[Sort.RATING])]
        assert await store.repositories.developers.count(search, at_most=100) == len(fits)
        assert await store.repositories.developers.count(search, at_most=3) == 3

    async def test_drafts_are_not_found(self, store: Store) -> None:
        await keep(store, [a_developer(1, published=False), a_developer(2)])

        found = await self._numbers(store, Search())

        assert found == [2]
        assert await store.repositories.developers.count(Search(), at_most=10) == 1
        assert await store.repositories.developers.skills(limit=1) == (SkillCount("PostgreSQL", 1),)

    async def test_parts_have_every_published_profile_once(self, store: Store) -> None:
        published = three_developers()
        await keep(store, [*published, a_developer(99, published=False)])
        developers = store.repositories.developers

        for parts in (1, 4):
            found = [
                await developers.published_part(part, parts=parts, limit=100)
                for part in range(parts)
            ]
            assert sorted(id_ for part in found for id_ in part) == sorted(d.id for d in published)
            assert max(map(len, found)) < len(published) or parts == 1
        in_order = sorted((d.id for d in published), key=lambda id_: (position_of(id_), id_))
        assert await developers.published_part(0, parts=1, limit=3) == tuple(in_order[:3])
        assert await developers.published_count() == len(published)

    async def test_an_empty_store_has_an_empty_page(self, store: Store) -> None:
        assert await store.repositories.developers.search(Search()) == DeveloperPage((), None)
        assert await store.repositories.developers.skills(limit=5) == ()

    async def test_skills_are_counted_whatever_their_spelling(self, store: Store) -> None:
        await keep(store, three_developers())
        await keep(store, [a_developer(99, skills=("Python", "golang", "C++"))])
        await keep(store, [a_developer(98, skills=("Python 3", "c++"))])
        await keep(store, [a_developer(97, skills=("c++", "C"))])

        skills = await store.repositories.developers.skills(limit=5)

        assert skills == (
            SkillCount("Python", 32),
            SkillCount("Go", 16),
            SkillCount("Rust", 15),
            SkillCount("c++", 3),
            SkillCount("C", 1),
        )

    async def test_profiles_whose_first_time_has_passed_are_outdated(self, store: Store) -> None:
        """Each has a notice of six hours."""
        past = START - 6 * HOUR
        developers = store.repositories.developers
        await keep(
            store,
            [
                a_developer(1, next_times=(START + HOUR, START + 9 * HOUR)),
                a_developer(2, next_times=(START,)),
                a_developer(3, next_times=()),
                a_developer(4, next_times=(START,), published=False),
                a_developer(5, next_times=(START - HOUR,)),
            ],
        )

        async def outdated(now: datetime, limit: int = 9) -> list[str]:
            return [each.id[-1] for each in await developers.outdated(now=now, limit=limit)]

        assert await outdated(past - HOUR) == []
        assert await outdated(past) == ["5"]
        assert await outdated(past + MINUTE) == ["5", "2"]
        assert await outdated(START, limit=2) == ["5", "2"]
        assert await outdated(START) == ["5", "2", "1"]

    async def test_next_times_are_stored_together(self, store: Store) -> None:
        """Not of a profile that was saved or removed meanwhile."""
        developers = store.repositories.developers
        one, two, saved = a_developer(1), a_developer(2), a_developer(3)
        await keep(store, [one, two, saved])
        await developers.save(replace(saved, headline="Changed meanwhile"))
        later, gone = (START + 7 * HOUR,), a_developer(4)

        changed = await developers.set_next_times(
            [(one, later), (two, ()), (saved, later), (gone, later)]
        )

        assert changed == 2
        assert await developers.get(one.id) == replace(one, next_times=later, version=1)
        assert await developers.get(two.id) == replace(two, next_times=(), version=1)
        assert (await developers.get(saved.id)).next_times == saved.next_times
        outdated = await developers.outdated(now=START + 2 * HOUR, limit=9)
        assert [each.id for each in outdated] == [saved.id, one.id]
        page = await developers.search(Search(sort=Sort.NEXT_FREE))
        assert [each.id for each in page.items] == [saved.id, one.id, two.id]
        assert await developers.set_next_times([(one, ()), (gone, ())]) == 0
        assert await developers.set_next_times([]) == 0

    async def _numbers(self, store: Store, search: Search) -> list[int]:
        page = await store.repositories.developers.search(search)
        return [int(developer.id[4:]) for developer in page.items]
