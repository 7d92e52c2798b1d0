"""Which messages of a chat were edited or deleted since a change that a program knows."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from pymongo import ASCENDING

from adapters.memory.clock import FixedClock
from adapters.mongo.store import MongoStore
from core.chats import Chat
from onehour.testing.scheduling import RecordedWakeUps
from services.bootstrap import CAPABILITIES
from services.shared.capabilities import documents_of
from tests.app import MONDAY, MemoryApp


@dataclass
class ChangedChat:
    """A chat with three messages, of which the first was edited before and after the second."""

    app: MemoryApp
    chat: Chat
    reader: str

    @classmethod
    async def of(cls, app: MemoryApp) -> ChangedChat:
        meera, _ = await app.client()
        lucia = await app.developer()
        chat = await app.services.chats.open_with_developer(lucia.id, by=meera.id)
        messages = app.services.messages
        for name in ("one", "two", "three"):
            await messages.send(chat.id, by=meera.id, body=name, client_id=name)
        for seq, body in ((1, "One."), (2, "Two."), (1, "One!")):
            await messages.edit(chat.id, seq, by=meera.id, body=body)
        await app.services.chat_summaries.settle()
        return cls(app, chat, lucia.account_id)

    async def changed(self, after: int, *, limit: int = 9) -> list[tuple[int, int, str]]:
        found = await self.app.services.messages.changed(
            self.chat.id, after, by=self.reader, limit=limit
        )
        return [(message.change, message.seq, message.body) for message in found]


async def test_a_changed_message_is_listed_once_with_its_last_change(any_app: MemoryApp) -> None:
    chat = await ChangedChat.of(any_app)

    assert await chat.changed(0) == [(2, 2, "Two."), (3, 1, "One!")]
    assert await chat.changed(2) == [(3, 1, "One!")]
    assert await chat.changed(3) == []


async def test_changes_are_listed_in_parts(any_app: MemoryApp) -> None:
    chat = await ChangedChat.of(any_app)

    assert await chat.changed(0, limit=1) == [(2, 2, "Two.")]
    assert await chat.changed(2, limit=1) == [(3, 1, "One!")]


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[AsyncIOMotorDatabase[dict[str, Any]]]:
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(database_url)
    name = f"onehour_test_{uuid.uuid4().hex[:12]}"
    yield client[name]
    await client.drop_database(name)
    client.close()


async def test_changes_by_an_earlier_version_are_found_without_its_index(
    database: AsyncIOMotorDatabase[dict[str, Any]],
) -> None:
    """It wrote no `message_changes`, but an index over all messages."""
    clock = FixedClock(MONDAY)
    store = MongoStore(
        database.client, database.name, clock, RecordedWakeUps(), documents_of(CAPABILITIES)
    )
    await database["messages"].create_index(
        [("change_key", ASCENDING)], name="changes", sparse=True
    )
    await store.prepare()
    chat = await ChangedChat.of(MemoryApp(clock=clock, store=store))
    await database["message_changes"].delete_many({})

    await store.prepare()

    assert set(await database["messages"].index_information()) == {"_id_", "key"}
    assert await chat.changed(0) == [(2, 2, "Two."), (3, 1, "One!")]
