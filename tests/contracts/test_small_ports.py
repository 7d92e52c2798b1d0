"""The small ports: clocks, ids, live news, plugins and the bell, in memory and real."""

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
from onehour.local.redis import redis_child, redis_url
from onehour.testing.clock import ClockContract, IdsContract
from onehour.testing.extensions import Bridges, ExtensionsContract
from onehour.testing.live import LiveContract, Wire
from onehour.testing.scheduling import NotifierContract, Tower
from onehour.testing.store_samples import Bell
from plugins.api import implements
from plugins.manager import Plugins
from ports.extensions import Extensions
from tests.app import MONDAY
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


class MemoryWire(Wire):
    def __init__(self) -> None:
        self.live = self._memory = MemoryLive()

    async def heard(self) -> tuple[str, str, Any]:
        told = self._memory.told.pop(0)
        return told.room, told.event, dict(told.data)

    async def cut(self) -> None:
        """Memory has no wire to cut."""


class TestMemoryLive(LiveContract):
    @pytest.fixture
    def wire(self) -> MemoryWire:
        return MemoryWire()


class Server:
    """A Valkey of its own, which a test may end."""

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


class RedisWire(Wire):
    """Hears what web processes would hear on the bus between them."""

    def __init__(self, server: Server) -> None:
        self._server = server
        manager = PipelinedManager(server.url, channel=CHANNEL, write_only=True)
        self.live = SocketLive(manager)
        self.ear = aioredis.from_url(server.url).pubsub(ignore_subscribe_messages=True)

    async def heard(self) -> tuple[str, str, Any]:
        async with asyncio.timeout(5):
            while (message := await self.ear.get_message(timeout=1)) is None:
                pass
        said = json.loads(message["data"])
        (data,) = said["data"]  # the arguments of the event
        return said["room"], said["event"], data

    async def cut(self) -> None:
        self._server.end()


class TestSocketLive(LiveContract):
    @pytest.fixture
    async def wire(self, server: Server) -> AsyncIterator[RedisWire]:
        wire = RedisWire(server)
        await wire.ear.subscribe(CHANNEL)
        yield wire
        await wire.ear.aclose()  # type: ignore[no-untyped-call]


class MemoryBridges(Bridges):
    def silent(self) -> Extensions:
        return MemoryExtensions()

    def vetoing(self, reason: str) -> Extensions:
        return MemoryExtensions(veto=reason)

    def listening(self) -> tuple[Extensions, list[tuple[str, Mapping[str, str]]]]:
        extensions = MemoryExtensions(listening=["diary"])
        return extensions, extensions.delivered

    def failing(self) -> Extensions:
        extensions = MemoryExtensions(listening=["diary"])
        extensions.failing.add("diary")
        return extensions


class TestMemoryExtensions(ExtensionsContract):
    @pytest.fixture
    def bridges(self) -> MemoryBridges:
        return MemoryBridges()


class Strict:
    def __init__(self, reason: str) -> None:
        self._reason = reason

    @implements
    async def onehour_may_book(self, booking: Booking) -> str:
        return self._reason


class Curious:
    def __init__(self) -> None:
        self.heard: list[tuple[str, Mapping[str, str]]] = []

    @implements
    async def onehour_booking_news(self, event: str, facts: Mapping[str, str]) -> None:
        self.heard.append((event, facts))


class Broken:
    @implements
    async def onehour_booking_news(self, event: str) -> None:
        raise RuntimeError(f"cannot handle {event}")


class PluginBridges(Bridges):
    def silent(self) -> Extensions:
        return Plugins()

    def vetoing(self, reason: str) -> Extensions:
        plugins = Plugins()
        plugins.add(Strict(reason), "strict")
        return plugins

    def listening(self) -> tuple[Extensions, list[tuple[str, Mapping[str, str]]]]:
        plugins, curious = Plugins(), Curious()
        plugins.add(curious, "curious")
        return plugins, curious.heard

    def failing(self) -> Extensions:
        plugins = Plugins()
        plugins.add(Broken(), "broken")
        return plugins


class TestPlugins(ExtensionsContract):
    @pytest.fixture
    def bridges(self) -> PluginBridges:
        return PluginBridges()


class MemoryTower(Tower):
    def __init__(self) -> None:
        self.notifier = self._bell = Bell()

    async def heard(self, count: int) -> set[str]:
        return set(self._bell.rung)

    async def silence(self) -> None:
        """Memory never is silent."""


class TestMemoryBell(NotifierContract):
    @pytest.fixture
    def tower(self) -> MemoryTower:
        return MemoryTower()


class CeleryTower(Tower):
    """Reads the queue as a worker would."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.notifier = self._bell = CeleryNotifier(celery_app(server.url, queue=CHANNEL))
        self._redis = aioredis.from_url(server.url)

    async def heard(self, count: int) -> set[str]:
        found: set[str] = set()
        async with asyncio.timeout(5):
            while len(found) < count:
                for raw in await self._redis.lrange(CHANNEL, 0, -1):
                    body = json.loads(b64decode(json.loads(raw)["body"]))
                    found.update(body[0][0])
                await asyncio.sleep(0.02)
        return found

    async def silence(self) -> None:
        self._server.end()

    async def close(self) -> None:
        self._bell.close()
        await self._redis.aclose()


class TestCeleryNotifier(NotifierContract):
    @pytest.fixture
    async def tower(self, server: Server) -> AsyncIterator[CeleryTower]:
        tower = CeleryTower(server)
        yield tower
        await tower.close()
