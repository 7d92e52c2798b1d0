"""Both stores keep declared documents; what cannot be stored is refused when it is declared."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase

from adapters.memory.clock import FixedClock
from adapters.memory.store import MemoryStore
from adapters.mongo.store import MongoStore
from onehour.testing.documents import DocumentsContract, walk
from onehour.testing.documents_samples import DOCUMENTS, NOTES, Note, a_note
from onehour.testing.samples.sample import NOW
from onehour.testing.scheduling import RecordedWakeUps
from ports.documents import Documents, DocumentType, Order, Unique
from ports.store import Duplicate, Store

Client = AsyncIOMotorClient[dict[str, Any]]
Database = AsyncIOMotorDatabase[dict[str, Any]]
Build = Callable[..., MongoStore]


class TestMemoryDocuments(DocumentsContract):
    @pytest.fixture
    def store(self) -> Store:
        return MemoryStore(FixedClock(NOW), documents=DOCUMENTS)


class TestMongoDocuments(DocumentsContract):
    @pytest.fixture
    async def database(self, mongo: Client) -> AsyncIterator[Database]:
        name = f"onehour_test_{uuid.uuid4().hex[:12]}"
        yield mongo[name]
        await mongo.drop_database(name)

    @pytest.fixture
    def build(self, mongo: Client, database: Database) -> Build:
        """Makes stores on one empty database."""

        def built(*kinds: DocumentType[Any]) -> MongoStore:
            return MongoStore(
                mongo, database.name, FixedClock(NOW), RecordedWakeUps(), documents=kinds
            )

        return built

    @pytest.fixture
    async def store(self, build: Build) -> Store:
        store = build(*DOCUMENTS)
        await store.prepare()
        return store

    async def test_documents_get_the_keys_of_an_order_declared_later(self, build: Build) -> None:
        plain = DocumentType(NOTES.collection, Note)
        before, after = build(plain), build(NOTES)
        await before.prepare()
        for number in range(1, 6):
            await before.repositories.documents(plain).add(a_note(number, stars=-number))

        await after.prepare()

        found = await walk(after.repositories.documents(NOTES), "ranked", limit=2)
        assert found == [a_note(number, stars=-number) for number in (5, 4, 3, 2, 1)]

    async def test_preparing_again_changes_nothing(self, build: Build) -> None:
        first, second = build(*DOCUMENTS), build(*DOCUMENTS)
        await first.prepare()
        await first.repositories.documents(NOTES).add(a_note())

        await second.prepare()

        assert await second.repositories.documents(NOTES).get("not_0001") == a_note()

    async def test_documents_of_another_version_can_be_read(
        self, database: Database, notes: Documents[Note]
    ) -> None:
        await notes.add(a_note(hidden=True))
        await database[NOTES.collection].update_one(
            {}, {"$unset": {"hidden": 1, "tags": 1}, "$set": {"of_tomorrow": {"a": 1}}}
        )

        assert await notes.get("not_0001") == a_note()

    async def test_a_rule_is_known_by_its_index_whatever_the_values_are(
        self, notes: Documents[Note]
    ) -> None:
        slug = "x index: unique(author.account_id,day) dup key"
        await notes.add(a_note(1, slug=slug))

        with pytest.raises(Duplicate) as refused:
            await notes.add(a_note(2, slug=slug))

        assert refused.type is Duplicate

    async def test_expired_documents_are_left_to_a_ttl_index(
        self, store: Store, database: Database
    ) -> None:
        ttl = (await database[NOTES.collection].index_information())["ttl"]

        assert (ttl["key"], ttl["expireAfterSeconds"]) == ([("expires_at", 1)], 0)


@dataclass(frozen=True)
class Plain:
    id: str
    name: str
    at: datetime
    names: tuple[str, ...] = ()
    size: float = 0.0
    version: int = 0


@dataclass
class Changeable:
    id: str
    version: int = 0


@dataclass(frozen=True)
class Unversioned:
    id: str


@pytest.mark.parametrize(
    ("declare", "complaint"),
    [
        (lambda: DocumentType("Has Spaces", Plain), "is not a valid name"),
        (lambda: DocumentType("x", Changeable), "is not a frozen dataclass"),
        (lambda: DocumentType("x", Unversioned), "is not a frozen dataclass"),  # type: ignore[type-var]
        (lambda: DocumentType("x", Plain, unique=(Unique(("nam",)),)), "has no field 'nam'"),
        (lambda: DocumentType("x", Plain, unique=(Unique(("id.a",)),)), "has no field 'id.a'"),
        (lambda: DocumentType("x", Plain, unique=(Unique(("names",)),)), "cannot use 'names'"),
        (
            lambda: DocumentType("x", Plain, orders=(Order("o", (), ("size",)),)),
            "cannot use 'size'",
        ),
        (lambda: DocumentType("x", Plain, orders=(Order("o", (), ("at",)),) * 2), "the same name"),
        (lambda: DocumentType("x", Plain, expires="name"), "is not a datetime"),
    ],
)
def test_what_cannot_be_stored_cannot_be_declared(
    declare: Callable[[], object], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        declare()


@pytest.mark.parametrize(
    "kinds",
    [
        (DocumentType("accounts", Plain),),
        (DocumentType("plain", Plain), DocumentType("plain", Note)),
    ],
)
def test_a_collection_has_one_owner(kinds: tuple[DocumentType[Any], ...]) -> None:
    client: Client = AsyncIOMotorClient("mongodb://127.0.0.1:1", connect=False)

    with pytest.raises(ValueError, match="is already in use"):
        MemoryStore(FixedClock(NOW), documents=kinds)
    with pytest.raises(ValueError, match="is already in use"):
        MongoStore(client, "any", FixedClock(NOW), RecordedWakeUps(), documents=kinds)
