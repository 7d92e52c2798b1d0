"""The stored form stays: golden documents are written and read as they were."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import MISSING, fields, is_dataclass, replace
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase

from adapters.memory.clock import FixedClock
from adapters.mongo.registry import COLLECTIONS
from adapters.mongo.store import MongoStore
from onehour.testing.samples.sample import NOW, Sample
from onehour.testing.scheduling import RecordedWakeUps
from tests.contracts.golden_documents import Document, canonical, golden, stored

GOLDEN = golden()
each = pytest.mark.parametrize("one", GOLDEN, ids=lambda one: one.collection)
Database = AsyncIOMotorDatabase[Document]


@pytest.fixture(scope="module")
async def database(mongo: AsyncIOMotorClient[Document]) -> AsyncIterator[Database]:
    name = f"onehour_test_{uuid.uuid4().hex[:12]}"
    yield mongo[name]
    await mongo.drop_database(name)


@pytest.fixture
async def store(mongo: AsyncIOMotorClient[Document], database: Database) -> MongoStore:
    for name in await database.list_collection_names():
        await database[name].delete_many({})
    return MongoStore(mongo, database.name, FixedClock(NOW), RecordedWakeUps())


def file_of(one: Sample) -> Document:
    """Of several documents of a collection, each has its own place in the file."""
    alike = [other for other in GOLDEN if other.collection == one.collection]
    return stored(one.collection)[alike.index(one)]


def with_types(value: Any) -> object:
    """Equal only to what has the same types, too: an enum is not its text, an `Int64` no `int`."""
    if is_dataclass(value):
        parts = {part.name: with_types(getattr(value, part.name)) for part in fields(value)}
        return type(value), parts
    if isinstance(value, (tuple, list)):
        return type(value), [with_types(part) for part in value]
    if isinstance(value, (frozenset, set)):
        return type(value), {with_types(part) for part in value}
    return type(value), value


def test_every_collection_has_a_golden_document() -> None:
    assert {one.collection for one in GOLDEN} == {kept.name for kept in COLLECTIONS}


@each
async def test_a_sample_is_written_as_the_golden_document(
    store: MongoStore, database: Database, one: Sample
) -> None:
    await one.write(store.repositories)

    (written,) = await database[one.collection].find().to_list(None)
    assert canonical(written) == canonical(file_of(one))


@each
async def test_the_golden_document_is_read_as_the_sample(
    store: MongoStore, database: Database, one: Sample
) -> None:
    await database[one.collection].insert_one(file_of(one))

    assert with_types(await one.read(store.repositories)) == with_types(one.expected)


@each
async def test_fields_a_later_version_has_added_are_passed_over(
    store: MongoStore, database: Database, one: Sample
) -> None:
    await database[one.collection].insert_one({**file_of(one), "of_tomorrow": {"a": [1]}})

    assert await one.read(store.repositories) == one.expected


def defaults_of(one: Sample) -> dict[str, object]:
    """The fields of what is read that have a default, from which an entity may make a value.
    Documents of an earlier version lack some of them, and lists leave some out."""
    entity = one.expected[0] if isinstance(one.expected, tuple) else one.expected
    if not is_dataclass(entity):
        return {}
    made = {f.name: f.default_factory() for f in fields(entity) if f.default_factory is not MISSING}
    return {f.name: f.default for f in fields(entity) if f.default is not MISSING} | made


@pytest.mark.parametrize(
    ("one", "field", "default"),
    [(one, *default) for one in GOLDEN for default in defaults_of(one).items()],
    ids=lambda value: value.collection if isinstance(value, Sample) else str(value),
)
async def test_a_document_without_a_field_that_has_a_default_is_read_with_it(
    store: MongoStore, database: Database, one: Sample, field: str, default: object
) -> None:
    older = {name: value for name, value in file_of(one).items() if name != field}
    await database[one.collection].insert_one(older)

    read = await one.read(store.repositories)

    (entity,) = read if isinstance(read, tuple) else (read,)
    assert is_dataclass(entity)
    assert not isinstance(entity, type)
    assert entity == replace(entity, **{field: default})
