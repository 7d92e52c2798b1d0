"""The stored form of files and disputes stays: golden documents are written and read unchanged."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import MISSING, fields, replace
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase

from adapters.mongo.store import MongoStore
from onehour.testing.samples.sample import assert_whole
from tests.contracts.golden_declared import SAMPLES, Declared, store_on, stored
from tests.contracts.golden_documents import Document, canonical
from tests.contracts.test_golden_documents import with_types

each = pytest.mark.parametrize("one", SAMPLES, ids=lambda one: one.kind.collection)
Database = AsyncIOMotorDatabase[Document]


@pytest.fixture
async def database(mongo: AsyncIOMotorClient[Document]) -> AsyncIterator[Database]:
    name = f"onehour_test_{uuid.uuid4().hex[:12]}"
    yield mongo[name]
    await mongo.drop_database(name)


@pytest.fixture
def store(mongo: AsyncIOMotorClient[Document], database: Database) -> MongoStore:
    return store_on(mongo, database.name)


@each
def test_no_field_of_a_sample_has_its_default(one: Declared) -> None:
    assert_whole(one.entity)


@each
async def test_a_sample_is_written_as_the_golden_document(
    store: MongoStore, database: Database, one: Declared
) -> None:
    await store.repositories.documents(one.kind).add(one.entity)

    (written,) = await database[one.kind.collection].find().to_list(None)
    assert canonical(written) == canonical(stored(one))


@each
async def test_the_golden_document_is_read_as_the_sample(
    store: MongoStore, database: Database, one: Declared
) -> None:
    await database[one.kind.collection].insert_one({**stored(one), "of_tomorrow": {"a": [1]}})

    read = await store.repositories.documents(one.kind).get(one.entity.id)
    assert with_types(read) == with_types(one.entity)


@each
async def test_a_document_without_a_field_that_has_a_default_is_read_with_it(
    store: MongoStore, database: Database, one: Declared
) -> None:
    """As an earlier version has written it."""
    defaults: dict[str, Any] = {
        part.name: part.default for part in fields(one.entity) if part.default is not MISSING
    }
    older = {name: value for name, value in stored(one).items() if name not in defaults}
    await database[one.kind.collection].insert_one(older)

    read = await store.repositories.documents(one.kind).get(one.entity.id)
    assert read == replace(one.entity, **defaults)


async def test_a_statement_of_an_earlier_version_has_no_files(
    store: MongoStore, database: Database
) -> None:
    (one,) = (each for each in SAMPLES if each.kind.collection == "disputes")
    older = stored(one)
    for said in older["statements"]:
        del said["files"]
    await database["disputes"].insert_one(older)

    read = await store.repositories.documents(one.kind).get(one.entity.id)
    assert [said.files for said in read.statements] == [(), ()]
