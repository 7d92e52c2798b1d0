"""The commands that a store on the embedded database sends: each is a round trip."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from adapters.memory.clock import FixedClock
from adapters.mongo.connection import close_client, open_client
from adapters.mongo.settings import MongoOptions
from adapters.mongo.store import MongoStore
from onehour.testing.scheduling import RecordedWakeUps
from services.bootstrap import CAPABILITIES
from services.shared.capabilities import documents_of
from tests.app import MONDAY, MemoryApp


class Commands(CommandListener):
    """`sent` has the command and its collection ("find bookings"), `read` only the collection."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.read: list[str] = []

    def clear(self) -> None:
        self.sent.clear()
        self.read.clear()

    def started(self, event: CommandStartedEvent) -> None:
        of = event.command.get(event.command_name)
        self.read.append(str(of))
        self.sent.append(
            f"{event.command_name} {of}" if isinstance(of, str) else event.command_name
        )

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Does nothing."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Does nothing."""


@asynccontextmanager
async def counted_app(mongo_url: str) -> AsyncIterator[tuple[MemoryApp, Commands]]:
    """The application with a store whose commands are counted."""
    commands = Commands()
    client = open_client(mongo_url, MongoOptions().driver, event_listeners=[commands])
    name, clock = f"onehour_test_{uuid.uuid4().hex[:12]}", FixedClock(MONDAY)
    store = MongoStore(client, name, clock, RecordedWakeUps(), documents_of(CAPABILITIES))
    await store.prepare()
    yield MemoryApp(clock=clock, store=store), commands
    await client.drop_database(name)
    await close_client(client)
