"""The example `coupons` where it is hard: a process is killed at each crossing of the database
port, and bookings at the same time on a real database."""

from __future__ import annotations

import asyncio
import importlib
import sys
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from adapters.memory.clock import FixedClock
from adapters.mongo.store import MongoStore
from core.bookings import Booking
from core.errors import Conflict, Invalid
from core.policy import DAY, HOUR
from onehour.testing.scheduling import RecordedWakeUps
from plugins.health import Health
from plugins.manager import Plugins
from services.bootstrap import CAPABILITIES
from services.shared.capabilities import documents_of
from tests.app import MONDAY, MemoryApp
from tests.plugins.site import app_with, switched_on
from tests.servers import start_mongo, stop
from tests.services.test_dispute_kills import KillableStore, Killed

SOURCE = Path(__file__).parents[2] / "examples" / "coupons" / "src"


@pytest.fixture(scope="module")
def coupons() -> Iterator[Any]:
    """The package, from its source."""
    sys.path.insert(0, str(SOURCE))
    yield importlib.import_module("coupons.model")
    sys.path.remove(str(SOURCE))
    for loaded in [each for each in sys.modules if each.split(".")[0] == "coupons"]:
        del sys.modules[loaded]


def enabled(coupons: Any) -> Plugins:
    return switched_on(importlib.import_module("coupons").Coupons, "coupons")


async def prepared(coupons: Any) -> tuple[KillableStore, MemoryApp]:
    plugins, clock = enabled(coupons), FixedClock(MONDAY)
    documents = documents_of((*CAPABILITIES, *plugins.capabilities))
    store = KillableStore(clock, documents=documents)
    app = app_with(plugins, clock=clock, store=store)
    await create(app, coupons, most_uses=1)
    return store, app


async def create(app: MemoryApp, coupons: Any, **limits: int) -> None:
    coupon = coupons.Coupon("ONCE", app.clock.now(), percent=20, **limits)
    await app.store.repositories.documents(coupons.COUPONS).add(coupon)


async def book(app: MemoryApp, client: str, developer: Any, hour: int = 0) -> Booking:
    return (await app.services.bookings.hold(
        by=client, developer_id=developer.id, start=app.clock.now() + 2 * DAY + hour * HOUR,
        hours=1, brief="It is slow.", fields={"code": "once"}, request_id=f"bkg_{hour}",
    )).booking  # fmt: skip


async def uses_agree(app: MemoryApp, coupons: Any) -> int:
    """The count of the coupon, which is that of its uses and of the bookings that have it."""
    documents = app.store.repositories.documents
    coupon = await documents(coupons.COUPONS).get("ONCE")
    uses = [each async for each in documents(coupons.USES).each()]
    assert coupon.uses == sum(use.counts for use in uses)
    for use in uses:
        booking = await app.booking(use.id)
        assert len(booking.price_lines) == 1
        assert use.counts is booking.holds
    return int(coupon.uses)


async def test_killed_at_a_crossing_a_use_is_neither_lost_nor_doubled(
    coupons: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client books, is killed, and books again; then the hold expires, the worker is killed,
    and another one does what is left."""
    monkeypatch.setattr(Health, "failed", lambda *_: None)  # a killed process tells nobody
    number = finished = 0
    while not finished:
        store, app = await prepared(coupons)
        (client, _), developer = await app.client(), await app.developer()
        store.left = number
        with suppress(Killed):
            await book(app, client.id, developer)
            await app.pass_time(HOUR)
        finished, store.left = store.left >= 0, None
        await uses_are_counted(app, coupons)

        with suppress(Conflict):
            await book(app, client.id, developer)
        app.clock.advance(2 * HOUR)  # the leases of the killed relay end
        await app.run()
        await app.pass_time(HOUR)

        assert await uses_agree(app, coupons) == 0, number
        assert (await book(app, client.id, developer, 1)).price_lines, number
        number += 3
    assert number > 60


async def uses_are_counted(app: MemoryApp, coupons: Any) -> None:
    """Never one too many. Before the events are delivered, one may count that is to be given
    back."""
    coupon = await app.store.repositories.documents(coupons.COUPONS).get("ONCE")
    uses = [each async for each in app.store.repositories.documents(coupons.USES).each()]
    assert coupon.uses == sum(use.counts for use in uses) <= 1


@pytest.fixture(scope="module")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    process, url = start_mongo(tmp_path_factory.mktemp("coupons"))
    yield url
    stop(process)


@pytest.fixture
async def on_mongo(database_url: str, coupons: Any) -> AsyncIterator[MemoryApp]:
    plugins, clock = enabled(coupons), FixedClock(MONDAY)
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(database_url)
    name = f"coupons_{uuid.uuid4().hex[:12]}"
    documents = documents_of((*CAPABILITIES, *plugins.capabilities))
    store = MongoStore(client, name, clock, RecordedWakeUps(), documents=documents)
    await store.prepare()
    yield app_with(plugins, clock=clock, store=store)
    await client.drop_database(name)
    client.close()


async def test_bookings_at_the_same_time_use_it_as_often_as_it_says(
    on_mongo: MemoryApp, coupons: Any
) -> None:
    app = on_mongo
    await create(app, coupons, most_uses=3, most_per_client=2)
    first, second = (await app.client())[0], (await app.client("Tom Baker"))[0]
    developer = await app.developer()
    clients = [first, second] * 5

    results = await asyncio.gather(
        *(book(app, each.id, developer, hour) for hour, each in enumerate(clients)),
        return_exceptions=True,
    )

    booked = [each for each in results if isinstance(each, Booking)]
    assert all(isinstance(each, Booking | Invalid) for each in results), results
    assert len(booked) == 3
    assert max(sum(each.client.account_id == c.id for each in booked) for c in (first, second)) <= 2
    assert await uses_agree(app, coupons) == 3

    await app.services.bookings.release(booked[0].id, by=booked[0].client.account_id)
    await app.run()
    assert await uses_agree(app, coupons) == 2
