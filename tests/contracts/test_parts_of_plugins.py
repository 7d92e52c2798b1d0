"""A plugin that stores something outdated with a booking, on the embedded database: it is left out,
and the booking is made."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from adapters.memory.clock import FixedClock
from adapters.mongo.store import MongoStore
from core.policy import DAY
from onehour.api import AddDocument, Booking, Capability, DocumentType, SaveDocument, implements
from onehour.testing.scheduling import RecordedWakeUps
from plugins.manager import Plugins
from services.bootstrap import CAPABILITIES
from services.shared.capabilities import documents_of
from tests.app import MONDAY, MemoryApp
from tests.plugins.site import app_with, switched_on


@dataclass(frozen=True, slots=True)
class Count:
    """How many bookings there were."""

    id: str
    bookings: int = 0
    version: int = 0


COUNTS = DocumentType("counts", Count)


class Counts:
    """Counts bookings, from what it has read once."""

    def __init__(self) -> None:
        self.read: Count | None = None

    @implements
    def onehour_capabilities(self) -> list[Capability]:
        build = dict[str, object]()
        return [
            Capability(
                name="counts", build=lambda d, b: build, personal_data=None, documents=(COUNTS,)
            )
        ]

    @implements
    async def onehour_book(
        self, booking: Booking
    ) -> list[AddDocument[Count] | SaveDocument[Count]]:
        if self.read is None:
            self.read = Count("all", 1)
            return [AddDocument(COUNTS, self.read)]
        return [SaveDocument(COUNTS, replace(self.read, bookings=self.read.bookings + 1))]


@pytest.fixture
async def app(mongo: AsyncIOMotorClient[dict[str, Any]]) -> AsyncIterator[MemoryApp]:
    plugins = switched_on(Counts(), "counts")
    clock, name = FixedClock(MONDAY), f"onehour_test_{uuid.uuid4().hex[:12]}"
    documents = documents_of((*CAPABILITIES, *plugins.capabilities))
    store = MongoStore(mongo, name, clock, RecordedWakeUps(), documents)
    await store.prepare()
    yield app_with(plugins, clock=clock, store=store)
    await mongo.drop_database(name)


async def test_what_a_plugin_saves_outdated_stops_no_booking(app: MemoryApp) -> None:
    (client, _), developer = await app.client(), await app.developer()

    made = [await app.hold(client, developer, starts_in=number * DAY) for number in (2, 3, 4)]

    assert len({each.id for each in made}) == 3
    stored = await app.store.repositories.documents(COUNTS).get("all")
    assert stored.bookings == 2, "the third was made without the plugin"
    assert isinstance(app.extensions, Plugins)
    await app.extensions.health.told()
    states = await app.services.plugin_states.all()
    assert len(states["counts"].failures) == 1
