"""How many writes a message needs when another process writes to the same chat."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from adapters.memory.clock import FixedClock
from adapters.mongo.store import MongoStore
from core.chats import Chat
from onehour.testing.scheduling import RecordedWakeUps
from services.bootstrap import CAPABILITIES
from services.shared.capabilities import documents_of
from tests.app import MONDAY, MemoryApp
from web.chats import WEB
from web.shared.records import heard_by


class Inserts(CommandListener):
    """Counts the requests that insert messages."""

    def __init__(self) -> None:
        self.count = 0

    def started(self, event: CommandStartedEvent) -> None:
        self.count += event.command.get("insert") == "messages"

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Does nothing."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Does nothing."""


@dataclass
class TwoProcesses:
    """Two processes with one store, and a chat in which both have written."""

    first: MemoryApp
    second: MemoryApp
    chat: Chat
    inserts: Inserts
    sent: int = 0

    async def send(self, process: MemoryApp) -> tuple[int, int]:
        """The number of a new message, and how many requests it took."""
        self.sent, before = self.sent + 1, self.inserts.count
        message = await process.services.messages.send(
            self.chat.id, by=self.chat.client.account_id, body="Hello.", client_id=str(self.sent)
        )
        return message.seq, self.inserts.count - before


@pytest.fixture
async def two(database_url: str) -> AsyncIterator[TwoProcesses]:
    inserts, clock = Inserts(), FixedClock(MONDAY)
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
        database_url, event_listeners=[inserts]
    )
    name = f"onehour_test_{uuid.uuid4().hex[:12]}"
    store = MongoStore(client, name, clock, RecordedWakeUps(), documents_of(CAPABILITIES))
    await store.prepare()
    first, second = [MemoryApp(clock=clock, store=store) for _ in range(2)]
    meera, _ = await first.client()
    lucia = await first.developer()
    chat = await first.services.chats.open_with_developer(lucia.id, by=meera.id)
    processes = TwoProcesses(first, second, chat, inserts)
    for process in (first, second):
        await processes.send(process)
        await process.services.chat_summaries.settle()
    yield processes
    for process in (first, second):
        await process.services.chat_summaries.settle()
    await client.drop_database(name)
    client.close()


async def test_a_number_that_is_taken_costs_one_more_request(two: TwoProcesses) -> None:
    assert await two.send(two.first) == (3, 2)


async def test_a_process_that_hears_of_a_message_does_not_try_its_number(two: TwoProcesses) -> None:
    heard = heard_by([WEB], two.first.services)["chat:message"]

    for event in (each for each in two.second.live.published if each.event == "chat:message"):
        heard(event.data)

    assert await two.send(two.first) == (3, 1)


async def test_a_process_that_is_far_behind_looks_the_newest_number_up(two: TwoProcesses) -> None:
    for _ in range(15):
        await two.send(two.second)

    assert await two.send(two.first) == (18, 3)
