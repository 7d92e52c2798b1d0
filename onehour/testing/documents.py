"""The contract of every store for declared documents: inherit `DocumentsContract`, provide `store`.

The fixture builds the store with `documents=DOCUMENTS` (documents_samples.py) and gives it empty
to each test:

    class TestMyDocuments(DocumentsContract):
        @pytest.fixture
        async def store(self) -> Store: ...
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

import pytest

from core.errors import Conflict
from core.money import Money
from core.policy import MINUTE
from onehour.testing.documents_samples import (
    GITA,
    NOTES,
    OTHERS,
    RAVI,
    Mood,
    Note,
    NoteTaken,
    a_note,
    a_whole_note,
)
from onehour.testing.samples.clients import a_client
from onehour.testing.samples.sample import NOW, assert_whole
from onehour.testing.suite import Contract
from ports.conditions import Between, Condition, NoneOf, OneOf
from ports.documents import Documents, DocumentType, UndeclaredDocuments
from ports.store import Duplicate, Missing, Repositories, Stale, Store


async def walk(
    notes: Documents[Note],
    order: str,
    *,
    limit: int = 3,
    equals: Mapping[str, object] | None = None,
    where: Sequence[Condition] = (),
) -> list[Note]:
    """All pages of an order, one after the other."""
    found: list[Note] = []
    cursor: str | None = None
    while True:
        page, cursor = await notes.page(
            order, equals=equals, limit=limit, cursor=cursor, where=where
        )
        assert len(page) == limit or cursor is None
        found.extend(page)
        if cursor is None:
            return found


class DocumentsContract(Contract):
    """A subclass provides the fixture `store`, built with `documents=DOCUMENTS`."""

    port = "documents"

    @pytest.fixture
    def notes(self, store: Store) -> Documents[Note]:
        return store.repositories.documents(NOTES)

    async def test_ids_come_in_pages_in_their_order(self, notes: Documents[Note]) -> None:
        for number in (3, 1, 2):
            await notes.add(a_note(number))

        assert await notes.ids(limit=2) == ("not_0001", "not_0002")
        assert await notes.ids(after="not_0002", limit=2) == ("not_0003",)
        assert await notes.ids(after="not_0003", limit=2) == ()

    async def test_a_document_comes_back_whole(self, notes: Documents[Note]) -> None:
        assert_whole(a_whole_note())

        assert await notes.add(a_whole_note()) == a_whole_note()

        read = await notes.get("not_0001")
        assert read == a_whole_note()
        assert (type(read.mood), type(read.price.amount)) == (Mood, int)
        assert await notes.find("not_0001") == read
        assert await notes.many(["not_0001", "not_0002"]) == {"not_0001": read}

    async def test_a_document_with_its_defaults_comes_back(self, notes: Documents[Note]) -> None:
        await notes.add(a_note())

        assert await notes.get("not_0001") == a_note()

    async def test_an_unknown_document_is_missing(self, notes: Documents[Note]) -> None:
        assert await notes.find("not_0001") is None
        assert not await notes.remove("not_0001")
        with pytest.raises(Missing):
            await notes.get("not_0001")
        with pytest.raises(Missing):
            await notes.save(a_note())

    async def test_types_do_not_share_their_documents(self, store: Store) -> None:
        await store.repositories.documents(NOTES).add(a_note())
        await store.repositories.documents(OTHERS).add(a_note(mood=Mood.BRIGHT))

        assert await store.repositories.documents(NOTES).get("not_0001") == a_note()

    async def test_saving_a_document_counts_its_version_up(self, notes: Documents[Note]) -> None:
        added = await notes.add(a_note())

        saved = await notes.save(replace(added, stars=5))

        assert saved == a_note(stars=5, version=1)
        assert await notes.get("not_0001") == saved
        with pytest.raises(Stale):
            await notes.save(replace(added, stars=1))
        assert await notes.get("not_0001") == saved

    async def test_an_id_is_taken_once(self, notes: Documents[Note]) -> None:
        await notes.add(a_note())

        with pytest.raises(Duplicate):
            await notes.add(a_note(day="another", slug="another"))

        assert await notes.get("not_0001") == a_note()

    async def test_a_broken_rule_raises_its_own_error(self, notes: Documents[Note]) -> None:
        await notes.add(a_note(1))
        await notes.add(a_note(2))

        with pytest.raises(NoteTaken):
            await notes.add(a_note(3, day=a_note(1).day))
        with pytest.raises(NoteTaken):
            await notes.save(a_note(2, day=a_note(1).day))
        with pytest.raises(Duplicate):
            await notes.add(a_note(3, slug=a_note(1).slug))
        await notes.add(a_note(3, author=RAVI, day=a_note(1).day))

        assert await notes.get("not_0002") == a_note(2)

    async def test_values_are_free_again_after_a_change(self, notes: Documents[Note]) -> None:
        await notes.add(a_note(1))
        await notes.save(a_note(1, day="moved"))

        await notes.add(a_note(2, day=a_note(1).day))

        with pytest.raises(NoteTaken):
            await notes.add(a_note(3, day="moved"))

    async def test_values_are_free_again_after_a_removal(self, notes: Documents[Note]) -> None:
        await notes.add(a_note())

        assert await notes.remove("not_0001")

        assert await notes.find("not_0001") is None
        await notes.add(a_note(2, day=a_note(1).day, slug=a_note(1).slug))
        await notes.add(a_note(1, day="another", slug="another"))

    async def test_of_many_at_once_one_is_added(self, notes: Documents[Note]) -> None:
        tries = [notes.add(a_note(number, day="one day")) for number in range(12)]

        answers = await asyncio.gather(*tries, return_exceptions=True)

        assert sum(isinstance(answer, Note) for answer in answers) == 1
        assert sum(isinstance(answer, NoteTaken) for answer in answers) == 11
        assert len([note async for note in notes.each()]) == 1

    async def test_a_rule_holds_between_a_step_and_a_single_write(self, store: Store) -> None:
        added = asyncio.Event()

        async def step(repositories: Repositories) -> None:
            await repositories.documents(NOTES).add(a_note(1, day="one day"))
            added.set()
            await asyncio.sleep(0.05)

        async def single() -> None:
            await added.wait()
            await store.repositories.documents(NOTES).add(a_note(2, day="one day"))

        answers = await asyncio.gather(store.transact(step), single(), return_exceptions=True)

        assert sorted(type(answer).__name__ for answer in answers) == ["NoneType", "NoteTaken"]
        assert len([note async for note in store.repositories.documents(NOTES).each()]) == 1

    async def test_steps_that_change_one_document_all_count(self, store: Store) -> None:
        await store.repositories.documents(NOTES).add(a_note(stars=0))

        async def count(repositories: Repositories) -> None:
            note = await repositories.documents(NOTES).get("not_0001")
            await repositories.documents(NOTES).save(replace(note, stars=(note.stars or 0) + 1))

        await asyncio.gather(*(store.transact(count) for _ in range(10)))

        counted = await store.repositories.documents(NOTES).get("not_0001")
        assert counted == a_note(stars=10, version=10)

    async def test_documents_are_in_the_same_transaction(self, store: Store) -> None:
        await store.repositories.documents(NOTES).add(a_note(1))

        async def step(repositories: Repositories, fails: bool) -> None:
            await repositories.documents(NOTES).add(a_note(2))
            await repositories.documents(NOTES).remove("not_0001")
            await repositories.clients.add(a_client())
            assert await repositories.documents(NOTES).find_one(slug="slug-2") == a_note(2)
            assert await repositories.documents(NOTES).find("not_0001") is None
            if fails:
                raise Conflict

        notes = store.repositories.documents(NOTES)
        with pytest.raises(Conflict):
            await store.transact(lambda repositories: step(repositories, fails=True))
        assert [note async for note in notes.each()] == [a_note(1)]

        await store.transact(lambda repositories: step(repositories, fails=False))
        assert [note async for note in notes.each()] == [a_note(2)]
        assert await store.repositories.clients.get(a_client().id) == a_client()

    async def test_a_step_ends_at_a_broken_rule_of_documents(self, store: Store) -> None:
        """A store may check the rule at the call, or when the step ends."""
        await store.repositories.documents(NOTES).add(a_note(1))

        async def step(repositories: Repositories) -> None:
            await repositories.clients.add(a_client())
            with suppress(NoteTaken):
                await repositories.documents(NOTES).add(a_note(2, day=a_note(1).day))

        with pytest.raises(NoteTaken):
            await store.transact(step)

        assert await store.repositories.clients.find_by_account("acc_1") is None

    async def test_one_is_found_by_the_fields_of_a_rule_or_an_order(
        self, notes: Documents[Note]
    ) -> None:
        await notes.add(a_note(1))
        await notes.add(a_note(2, author=RAVI, editor=GITA, hidden=True))

        assert await notes.find_one(slug="slug-2") == await notes.get("not_0002")
        by_author = {"author.account_id": "acc_gita"}
        assert await notes.find_one(**by_author) == a_note(1)
        assert await notes.find_one(**by_author, day="day 0002") is None
        by_editor = {"editor.account_id": None, "hidden": False}
        assert await notes.find_one(**by_editor) == a_note(1)
        with pytest.raises(ValueError, match="no unique rule and no order of"):
            await notes.find_one(stars=5)

    async def test_pages_follow_an_order_without_gap_or_repeat(
        self, notes: Documents[Note]
    ) -> None:
        team = [a_note(n, at=NOW + n % 3 * MINUTE, author=RAVI) for n in range(10)]
        for note in (*team, a_note(50)):
            await notes.add(note)

        found = await walk(notes, "newest", equals={"author.account_id": "acc_ravi"})

        assert found == sorted(team, key=lambda note: (note.at, note.id), reverse=True)
        assert await notes.page("newest", equals={"author.account_id": "acc_none"}) == ((), None)

    async def test_nothing_sorts_before_something_and_numbers_as_numbers(
        self, notes: Documents[Note]
    ) -> None:
        stars = (10, 9, None, -10, 0, -9, 9)
        for number, given in enumerate(stars):
            mood = Mood.BRIGHT if number == 6 else Mood.CALM
            await notes.add(a_note(number, stars=given, mood=mood))

        found = await walk(notes, "ranked")

        assert [note.stars for note in found] == [None, -10, -9, 0, 9, 9, 10]
        assert [note.id for note in found if note.stars == 9] == ["not_0006", "not_0001"]

    async def test_paging_continues_after_entries_were_added_and_removed(
        self, notes: Documents[Note]
    ) -> None:
        for number in range(1, 9):
            await notes.add(a_note(number, stars=number))
        page, cursor = await notes.page("ranked", limit=4)
        assert [note.stars for note in page] == [1, 2, 3, 4]

        for gone in ("not_0001", "not_0004", "not_0006"):
            await notes.remove(gone)
        await notes.add(a_note(20, stars=0))
        await notes.add(a_note(21, stars=7))

        page, cursor = await notes.page("ranked", limit=4, cursor=cursor)
        assert ([note.stars for note in page], cursor) == ([5, 7, 7, 8], None)

    async def test_a_page_has_only_those_of_which_its_conditions_hold(
        self, notes: Documents[Note]
    ) -> None:
        for number in range(10):
            await notes.add(
                a_note(
                    number,
                    at=NOW + number // 2 * MINUTE,
                    price=Money(number * 100),
                    hidden=number % 2 == 0,
                    stars=number if number > 4 else None,
                    editor=RAVI if number == 3 else None,
                )
            )

        async def found(*where: Condition, order: str = "newest") -> list[int]:
            equals: dict[str, dict[str, object]] = {
                "newest": {"author.account_id": "acc_gita"},
                "latest": {},
                "of_mood": {"mood": Mood.CALM},
            }
            pages = await walk(notes, order, limit=2, equals=equals[order], where=where)
            return [int(note.id.split("_")[1]) for note in pages]

        seconds = Between("at", NOW + MINUTE, NOW + 3 * MINUTE)
        assert await found(seconds) == [5, 4, 3, 2]
        assert await found(seconds, order="latest") == [5, 4, 3, 2]
        assert await found(seconds, order="of_mood") == [2, 3, 4, 5]
        assert await found(Between("at", below=NOW + MINUTE), order="of_mood") == [0, 1]
        assert await found(seconds, Between("at", NOW + 2 * MINUTE)) == [5, 4]
        assert await found(Between("price.amount", 700), OneOf(("hidden",), (True,))) == [8]
        assert await found(Between("price.amount", below=200)) == [1, 0]
        assert await found(Between("stars", below=7)) == [6, 5]
        assert await found(Between("stars")) == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
        assert await found(NoneOf("stars", (None, 5, 6, 7))) == [9, 8]
        assert await found(OneOf(("day", "slug"), ("day 0001", "slug-4"))) == [4, 1]
        assert await found(OneOf(("editor.account_id",), ("acc_ravi", "acc_none"))) == [3]
        assert await found(OneOf(("day",), ())) == []
        assert await found(OneOf(("author.account_id",), ("acc_ravi",))) == []
        with pytest.raises(ValueError, match="has no field 'size'"):
            await notes.page("ranked", where=[Between("size", 1)])

    async def test_an_order_that_was_not_declared_is_refused(self, notes: Documents[Note]) -> None:
        with pytest.raises(ValueError, match="no order 'oldest'"):
            await notes.page("oldest")
        with pytest.raises(ValueError, match="no order 'newest' of"):
            await notes.page("newest")
        with pytest.raises(ValueError, match="no order 'ranked' of"):
            await notes.page("ranked", equals={"mood": Mood.CALM})

    async def test_one_field_of_each_is_read_alone(self, notes: Documents[Note]) -> None:
        for number in range(1, 5):
            await notes.add(a_note(number, author=RAVI if number % 2 else GITA))

        slugs = [slug async for slug in notes.texts("slug")]
        authors = [account async for account in notes.texts("author.account_id")]
        ids = [each async for each in notes.texts("id")]

        assert sorted(slugs) == ["slug-1", "slug-2", "slug-3", "slug-4"]
        assert sorted(authors) == [GITA.account_id] * 2 + [RAVI.account_id] * 2
        assert sorted(ids) == ["not_0001", "not_0002", "not_0003", "not_0004"]

    async def test_each_gives_all_or_those_that_match(self, notes: Documents[Note]) -> None:
        for number in range(1, 5):
            await notes.add(a_note(number, author=RAVI if number % 2 else GITA))

        every = {note.id async for note in notes.each()}
        of_ravi = {note.id async for note in notes.each(**{"author.account_id": "acc_ravi"})}

        assert every == {"not_0001", "not_0002", "not_0003", "not_0004"}
        assert of_ravi == {"not_0001", "not_0003"}
        with pytest.raises(ValueError, match="no unique rule and no order of"):
            _ = [note async for note in notes.each(hidden=True)]

    async def test_those_that_match_are_counted_up_to_a_limit(self, notes: Documents[Note]) -> None:
        for number in range(1, 6):
            await notes.add(a_note(number, author=RAVI if number % 2 else GITA))
        of_ravi = {"author.account_id": "acc_ravi"}

        assert await notes.count(limit=10, **of_ravi) == 3
        assert await notes.count(limit=2, **of_ravi) == 2
        assert await notes.count(limit=10, **{"author.account_id": "acc_none"}) == 0
        edited = {"editor.account_id": None, "hidden": False}
        assert await notes.count(limit=10, **edited) == 5
        with pytest.raises(ValueError, match="no unique rule and no order of"):
            await notes.count(limit=10, hidden=True)

    async def test_a_type_the_store_was_built_without_is_refused(self, store: Store) -> None:
        strangers = DocumentType("test_strangers", Note)
        changed = DocumentType(NOTES.collection, Note)

        with pytest.raises(UndeclaredDocuments, match="test_strangers"):
            store.repositories.documents(strangers)
        with pytest.raises(UndeclaredDocuments, match="test_notes"):
            store.repositories.documents(changed)
