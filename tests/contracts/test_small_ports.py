"""Small ports keep their contracts: clocks, ids, live events, plugins, notifiers."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import Any

import pytest
import redis.asyncio as aioredis

from adapters.celery.app import celery_app
from adapters.celery.scheduling import CeleryNotifier
from adapters.memory.clock import FixedClock, SequentialIds
from adapters.memory.extensions import MemoryExtensions
from adapters.memory.live import MemoryLive
from adapters.system.clock import RandomIds, SystemClock
from core.bookings import Booking
from core.prices import PriceLine
from onehour.api import implements
from onehour.local.redis import redis_child, redis_url
from onehour.testing.clock import ClockContract, IdsContract
from onehour.testing.extensions import ExtensionsContract, ExtensionsSetup
from onehour.testing.live import LiveContract, LiveSetup
from onehour.testing.scheduling import NotifierContract, NotifierSetup, RecordedWakeUps
from plugins.manager import Plugins
from ports.extensions import Extensions
from tests.app import MONDAY
from tests.patience import PATIENCE_S
from tests.servers import free_port, stop, wait_for
from web.shared.live import PipelinedManager, SocketLive

CHANNEL = "contract"


class TestFixedClock(ClockContract):
    @pytest.fixture
    def clock(self) -> FixedClock:
        return FixedClock(MONDAY)


class TestSystemClock(ClockContract):
    @pytest.fixture
    def clock(self) -> SystemClock:
        return SystemClock()


class TestSequentialIds(IdsContract):
    @pytest.fixture
    def ids(self) -> SequentialIds:
        return SequentialIds()


class TestRandomIds(IdsContract):
    @pytest.fixture
    def ids(self) -> RandomIds:
        return RandomIds()


class MemoryLiveSetup(LiveSetup):
    def __init__(self) -> None:
        self.live = self._memory = MemoryLive()

    async def received(self) -> tuple[str, str, Any]:
        event = self._memory.published.pop(0)
        return event.room, event.event, dict(event.data)

    async def disconnect(self) -> None:
        """Does nothing: there is no connection."""


class TestMemoryLive(LiveContract):
    @pytest.fixture
    def live_setup(self) -> MemoryLiveSetup:
        return MemoryLiveSetup()


class Server:
    """A separate Valkey server, which a test can stop."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        command = redis_child(folder, self.port).command
        self._process = Popen(command, stdout=DEVNULL, stderr=DEVNULL)
        wait_for(self._process, self.port)
        self.url = redis_url(self.port)

    def end(self) -> None:
        if self._process.poll() is None:
            stop(self._process)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    begun = Server(tmp_path)
    yield begun
    begun.end()


class RedisLiveSetup(LiveSetup):
    """Receives what web processes would receive over Redis."""

    def __init__(self, server: Server) -> None:
        self._server = server
        manager = PipelinedManager(server.url, channel=CHANNEL, write_only=True)
        self.live = SocketLive(manager)
        self.subscription = aioredis.from_url(server.url).pubsub(ignore_subscribe_messages=True)

    async def received(self) -> tuple[str, str, Any]:
        async with asyncio.timeout(PATIENCE_S):
            while (message := await self.subscription.get_message(timeout=1)) is None:
                pass
        said = json.loads(message["data"])
        (data,) = said["data"]  # the arguments of the event
        return said["room"], said["event"], data

    async def disconnect(self) -> None:
        self._server.end()


class TestSocketLive(LiveContract):
    @pytest.fixture
    async def live_setup(self, server: Server) -> AsyncIterator[RedisLiveSetup]:
        live_setup = RedisLiveSetup(server)
        await live_setup.subscription.subscribe(CHANNEL)
        yield live_setup
        await live_setup.subscription.aclose()  # type: ignore[no-untyped-call]


class MemoryExtensionsSetup(ExtensionsSetup):
    made: type[MemoryExtensions] = MemoryExtensions

    def without_plugins(self) -> Extensions:
        return self.made()

    def refusing(self, reason: str) -> Extensions:
        return self.made(veto=reason)

    def charging(self, line: PriceLine) -> Extensions:
        extensions = self.made()
        extensions.lines = (line,)
        return extensions

    def recording(self) -> tuple[Extensions, list[tuple[str, Mapping[str, str]]]]:
        extensions = self.made(listening=["diary"])
        return extensions, extensions.delivered

    def failing(self) -> Extensions:
        extensions = self.made(listening=["diary"])
        extensions.failing.add("diary")
        return extensions


class TestMemoryExtensions(ExtensionsContract):
    @pytest.fixture
    def extensions_setup(self) -> MemoryExtensionsSetup:
        return MemoryExtensionsSetup()


class RefusesBookings:
    def __init__(self, reason: str) -> None:
        self._reason = reason

    @implements
    async def onehour_may_book(self, booking: Booking) -> str:
        return self._reason


class ChargesMore:
    def __init__(self, line: PriceLine) -> None:
        self._line = line

    @implements
    async def onehour_price(self, booking: Booking) -> list[PriceLine]:
        return [self._line]


class RecordsEvents:
    def __init__(self) -> None:
        self.received: list[tuple[str, Mapping[str, str]]] = []

    @implements
    async def onehour_booking_event(self, event: str, facts: Mapping[str, str]) -> None:
        self.received.append((event, facts))


class RaisesErrors:
    @implements
    async def onehour_booking_event(self, event: str) -> None:
        raise RuntimeError(f"cannot handle {event}")


class PluginsSetup(ExtensionsSetup):
    def without_plugins(self) -> Extensions:
        return Plugins()

    def refusing(self, reason: str) -> Extensions:
        plugins = Plugins()
        plugins.add(RefusesBookings(reason), "refuses")
        return plugins

    def charging(self, line: PriceLine) -> Extensions:
        plugins = Plugins()
        plugins.add(ChargesMore(line), "charges")
        return plugins

    def recording(self) -> tuple[Extensions, list[tuple[str, Mapping[str, str]]]]:
        plugins, recorder = Plugins(), RecordsEvents()
        plugins.add(recorder, "recorder")
        return plugins, recorder.received

    def failing(self) -> Extensions:
        plugins = Plugins()
        plugins.add(RaisesErrors(), "raises")
        return plugins


class TestPlugins(ExtensionsContract):
    @pytest.fixture
    def extensions_setup(self) -> PluginsSetup:
        return PluginsSetup()


class MemoryNotifierSetup(NotifierSetup):
    def __init__(self) -> None:
        self.notifier = self._wake_ups = RecordedWakeUps()

    async def received(self, count: int) -> set[str]:
        return set(self._wake_ups.message_ids)

    async def disconnect(self) -> None:
        """Does nothing: there is no connection."""


class TestRecordedWakeUps(NotifierContract):
    @pytest.fixture
    def notifier_setup(self) -> MemoryNotifierSetup:
        return MemoryNotifierSetup()


class CeleryNotifierSetup(NotifierSetup):
    """Reads the queue as a worker would."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.notifier = self._celery = CeleryNotifier(celery_app(server.url, queue=CHANNEL))
        self._redis = aioredis.from_url(server.url)

    async def received(self, count: int) -> set[str]:
        found: set[str] = set()
        async with asyncio.timeout(PATIENCE_S):
            while len(found) < count:
                for raw in await self._redis.lrange(CHANNEL, 0, -1):
                    body = json.loads(b64decode(json.loads(raw)["body"]))
                    found.update(body[0][0])
                await asyncio.sleep(0.02)
        return found

    async def disconnect(self) -> None:
        self._server.end()

    async def close(self) -> None:
        self._celery.close()
        await self._redis.aclose()


class TestCeleryNotifier(NotifierContract):
    @pytest.fixture
    async def notifier_setup(self, server: Server) -> AsyncIterator[CeleryNotifierSetup]:
        built = CeleryNotifierSetup(server)
        yield built
        await built.close()
