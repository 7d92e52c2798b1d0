"""Searches for developers by words, and the words of skills."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.developers import Developer, Rating
from core.errors import Invalid
from core.search_terms import skill_term
from core.vocabulary import VOCABULARY
from onehour.testing.samples.developers import a_developer
from onehour.testing.store_developers import all_pages, keep, three_developers
from ports.developers import Search, Sort
from ports.store import Store


class DeveloperWordsContract:
    @pytest.mark.parametrize(
        ("text", "skills"),
        [
            ("C", ("C",)),
            ("c", ("C",)),
            ("C++", ("C++",)),
            ("c#", ("C#",)),
            ("F#.", ("F#",)),
            ("R", ("R",)),
            (".net", (".NET",)),
            ("nodejs", ("Node.js",)),
            ("Objective-C", ("Objective-C",)),
            ("ci/cd", ("CI/CD",)),
            ("A/B testing", ("A/B testing",)),
            ("राहुल", ("राहुल",)),
            ("โปรแกรม", ("โปรแกรม",)),
            ("محمد", ("مُحَمَّد",)),
            ("lodz", ("Łódź",)),
            ("ＰＹＴＨＯＮ", ("Python",)),
            ("postgres", ("PostgreSQL",)),
            ("k8s", ("Kubernetes",)),
            ("js", ("JavaScript",)),
            ("ML", ("Machine learning",)),
            ("machine learning", ("Machine learning",)),
            ("数据", ("数据库",)),
        ],
    )
    async def test_a_word_finds_exactly_its_skill(
        self, store: Store, text: str, skills: tuple[str, ...]
    ) -> None:
        offered = (
            "C", "C++", "C#", "F#", "R", ".NET", "Node.js", "Objective-C", "CI/CD", "A/B testing",
            "राहुल", "โปรแกรม", "مُحَمَّد", "Łódź", "Python", "PostgreSQL", "Kubernetes", "JavaScript",
            "Machine learning", "数据库",
        )  # fmt: skip
        await keep(
            store,
            [
                a_developer(number, skills=(skill,), bio="", headline="Works")
                for number, skill in enumerate(offered)
            ],
        )
        words = tuple((each.word,) for each in VOCABULARY.query_words(text))
        by_name = Search(terms=(skill_term(skills[0]),))

        found = await all_pages(store, Search(words=words))
        named = await all_pages(store, by_name)

        all_words = [d for d in found if d.skills == skills]
        assert [d.skills for d in named] == [skills]
        assert found[: len(all_words)] == all_words
        assert len(all_words) == 1
        assert {d.skills for d in found} == {skills}

    async def test_profiles_with_more_words_come_first_then_skills_before_headline_and_text(
        self, store: Store
    ) -> None:
        usual = {"skills": ("Excel",), "headline": "Works", "bio": "", "rating": Rating(500, 9)}
        both = ("Python", "Cobol")
        await keep(
            store,
            [
                a_developer(1, **usual | {"bio": "Python and Cobol"}),
                a_developer(2, **usual | {"headline": "Python and Cobol"}),
                a_developer(3, **usual | {"skills": both, "rating": Rating(300, 1)}),
                a_developer(4, **usual | {"skills": both, "rating": Rating(400, 1)}),
                a_developer(5, **usual | {"skills": ("Python",)}),
                a_developer(6, **usual | {"headline": "Cobol"}),
                a_developer(7, **usual | {"bio": "Cobol", "rating": Rating(490, 9)}),
                a_developer(8, **usual | {"bio": "Cobol"}),
                a_developer(9, **usual),
                a_developer(10, **usual | {"skills": both, "published": False}),
            ],
        )
        words = (("python",), ("cobol",))

        for limit in (20, 1, 3):
            found = await all_pages(store, Search(words=words, limit=limit))
            assert [int(d.id[4:]) for d in found] == [4, 3, 2, 1, 5, 6, 8, 7]
        assert await store.repositories.developers.count(Search(words=words), at_most=20) == 8
        assert await store.repositories.developers.count(Search(words=words), at_most=3) == 3

    async def test_a_page_says_which_words_match(self, store: Store) -> None:
        await keep(store, three_developers())
        search = Search(words=(("rust",), ("nair", "nairobi")), limit=16)

        page = await store.repositories.developers.search(search)

        assert page.matched == (frozenset({"rust", "nair"}),) * 15 + (frozenset({"nair"}),)
        assert page.cursors[-1] == page.next
        assert page.cursor_after(15, search.sort) == page.next
        after = replace(search, cursor=page.cursors[13], limit=2)
        assert (await store.repositories.developers.search(after)).items == page.items[14:]

    @pytest.mark.parametrize("sort", Sort)
    @pytest.mark.parametrize(
        "search",
        [
            Search(words=(("python",), ("rust",)), limit=7),
            Search(words=(("rust",), ("go", "asha"), ("cobol",)), limit=4),
            Search(words=(("nair",),), terms=(skill_term("rust"),), max_rate=106_000, limit=5),
            Search(words=(("cobol", "python"), ("rust",)), min_rating=430, limit=3),
        ],
    )
    async def test_pages_of_a_search_with_words_have_everybody_once(
        self, store: Store, search: Search, sort: Sort
    ) -> None:
        await keep(store, three_developers())
        wanted = replace(search, sort=sort)

        paged = await all_pages(store, wanted)

        assert paged == list(
            (await store.repositories.developers.search(replace(wanted, limit=50))).items
        )
        assert len({d.id for d in paged}) == len(paged) > 0

    @pytest.mark.parametrize(
        "cursor", ["", "x", "2~", "0~1~1~a~b~c", "1~1~9999~a~b~c~d", "0~~~~~~"]
    )
    async def test_a_cursor_of_another_form_is_refused(self, store: Store, cursor: str) -> None:
        with pytest.raises(Invalid) as refused:
            await store.repositories.developers.search(Search(words=(("python",),), cursor=cursor))
        assert refused.value.fields.keys() == {"cursor"}

    async def test_words_of_skills_are_found_by_their_beginning(self, store: Store) -> None:
        developers = store.repositories.developers
        await keep(
            store,
            [
                a_developer(1, skills=("PostgreSQL", "Postman", "Machine learning")),
                a_developer(2, skills=("Go",), headline="Posters", name="Poster"),
                a_developer(3, skills=("Posix",), published=False),
            ],
        )

        assert await developers.skill_words("post", limit=5) == ("postman", "postgresql")
        assert await developers.skill_words("post", limit=1) == ("postman",)
        assert await developers.skill_words("machinel", limit=5) == ("machinelearning",)
        assert await developers.skill_words("x", limit=5) == ()

    async def test_a_new_skill_is_found_by_its_beginning_at_once(self, store: Store) -> None:
        assert await store.repositories.developers.skill_words("cob", limit=5) == ()

        await keep(store, [a_developer(1, skills=("COBOL",))])

        assert await store.repositories.developers.skill_words("cob", limit=5) == ("cobol",)

    @pytest.mark.parametrize(
        ("developers", "rated"),
        [
            ([], False),
            ([a_developer(1, rating=Rating())], False),
            ([a_developer(1, published=False)], False),
            ([a_developer(1, rating=Rating()), a_developer(2, rating=Rating(100, 1))], True),
        ],
    )
    async def test_whether_there_are_ratings(
        self, store: Store, developers: list[Developer], rated: bool
    ) -> None:
        await keep(store, developers)

        assert await store.repositories.developers.rated() is rated
