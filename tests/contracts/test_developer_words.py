"""Searches with words in MongoDB: among many profiles, and in profiles stored by other rules."""

from __future__ import annotations

import random
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase

from adapters.memory.clock import FixedClock
from adapters.memory.store import MemoryStore
from adapters.mongo.searches import SAMPLE
from adapters.mongo.store import MongoStore
from core.developers import Developer, Rating
from core.money import Money
from core.search_terms import profile_terms, skill_term
from core.vocabulary import Vocabulary
from onehour.testing.samples.developers import a_developer
from onehour.testing.samples.sample import NOW
from onehour.testing.scheduling import RecordedWakeUps
from onehour.testing.store_developers import all_pages, keep
from ports.developers import Search, Sort

Client = AsyncIOMotorClient[dict[str, Any]]
Database = AsyncIOMotorDatabase[dict[str, Any]]
OWN = Vocabulary((("PostgreSQL", "Elephant"), ("Team lead", "captain")))


@pytest.fixture
async def database(mongo: Client) -> AsyncIterator[Database]:
    name = f"onehour_test_{uuid.uuid4().hex[:12]}"
    yield mongo[name]
    await mongo.drop_database(name)


def opened(mongo: Client, database: Database, **options: Any) -> MongoStore:
    return MongoStore(mongo, database.name, FixedClock(NOW), RecordedWakeUps(), **options)


def team(size: int) -> list[Developer]:
    """Profiles of which half have "python" and a tenth "cobol", each in any field."""
    rng = random.Random(7)

    def text(word: str, share: float) -> str:
        return word if rng.random() < share else ""

    return [
        a_developer(
            number,
            skills=("Excel", text("Python", 0.3) or "Word", text("Cobol", 0.05) or "Go"),
            headline=f"Works {text('python', 0.2)} {text('cobol', 0.04)}",
            bio=f"Knows {text('python', 0.2)} {text('cobol', 0.04)}",
            rating=Rating(rng.randint(300, 500), rng.randint(1, 9)),
            rate=Money(rng.randint(1, 60) * 10_000),
        )
        for number in range(size)
    ]


@pytest.mark.parametrize("sort", [Sort.RATING, pytest.param(Sort.RATE, marks=pytest.mark.long)])
async def test_many_profiles_are_each_on_one_page_those_with_all_words_first(
    mongo: Client, database: Database, sort: Sort
) -> None:
    developers, memory = team(2 * SAMPLE), MemoryStore(FixedClock(NOW))
    store = opened(mongo, database)
    await store.prepare()
    await keep(memory, developers)
    await keep(store, developers)

    for words in ((("python",),), (("cobol",), ("python",)), (("cobol", "go"), ("excel",))):
        for required in ((), (skill_term("Go"),)):
            search = Search(words=words, terms=required, sort=sort, limit=30)
            found = await all_pages(store, search)
            wanted = await all_pages(memory, search)

            assert sorted(d.id for d in found) == sorted(d.id for d in wanted)
            complete = sum(
                all(set(profile_terms(d).terms).intersection(group) for group in words)
                for d in developers
                if set(required) <= set(profile_terms(d).terms)
            )
            assert {d.id for d in found[:complete]} == {d.id for d in wanted[:complete]}


async def test_prepare_makes_the_terms_of_profiles_stored_by_other_rules(
    mongo: Client, database: Database
) -> None:
    before = opened(mongo, database)
    await before.prepare()
    draft = a_developer(2, published=False)
    await keep(before, [a_developer(1, headline="Team lead"), draft])
    old = {"terms": ["*", "asha", "skill:python", "databases"]}
    await database.developers.update_one(
        {"_id": "dev_0001"}, {"$set": old, "$unset": {"terms_by": "", "word_ranges": ""}}
    )
    await database.skill_words.delete_many({})
    after = opened(mongo, database, vocabulary=OWN)
    by_old_terms = await after.repositories.developers.search(Search(words=(("databases",),)))

    await after.prepare()

    developers = after.repositories.developers
    assert [d.id for d in by_old_terms.items] == ["dev_0001"]
    for word in ("postgresql", "teamlead", "quick", "years"):
        found = await developers.search(Search(words=((word,),)))
        assert [d.id for d in found.items] == (["dev_0001"] if word != "quick" else [])
    assert await developers.skill_words("postg", limit=3) == ("postgresql",)
    assert await developers.get(draft.id) == draft
    assert (await database.developers.find_one({"_id": draft.id}))["terms"] == []  # type: ignore[index]


async def test_prepare_leaves_terms_of_the_present_rules_alone(
    mongo: Client, database: Database
) -> None:
    store = opened(mongo, database)
    await store.prepare()
    await keep(store, [a_developer(1)])
    await database.developers.update_one({}, {"$push": {"terms": "untouched"}})

    await store.prepare()

    found = await store.repositories.developers.search(Search(words=(("untouched",),)))
    assert [d.id for d in found.items] == ["dev_0001"]
