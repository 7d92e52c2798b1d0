"""Connections to one listening socket are divided evenly among those that accept from it."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest

from onehour import even_accepts
from onehour.even_accepts import STUCK_S, EvenServer
from onehour.shares import Shares, new_shares
from tests.api_client import until
from tests.patience import PATIENCE_S


class Accepting:
    """What a web process does with the listening socket: it counts its connections."""

    def __init__(self, site: Site, place: int) -> None:
        self.shares = Shares(site.file.fileno(), place)
        self.open: set[asyncio.StreamWriter] = set()
        self.accepted = 0
        loop = asyncio.get_running_loop()
        self.server = EvenServer(loop, self._protocol, site.listener.dup(), 100, self.shares)

    def _protocol(self) -> asyncio.BaseProtocol:
        return asyncio.StreamReaderProtocol(asyncio.StreamReader(), self._serve)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        writer.write(b"hello")
        await reader.read()
        writer.close()


class Site:
    """A listening socket, the clients that are connected, and the shares of three processes."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.file = new_shares(3)
        self.accepting: list[Accepting] = []
        self.writers: list[asyncio.StreamWriter] = []

    def accept(self, place: int) -> Accepting:
        self.accepting.append(Accepting(self, place))
        return self.accepting[-1]

    async def connect(self, number: int) -> None:
        """So many clients at once, until each is served."""
        await asyncio.gather(*(self._connect() for _ in range(number)))

    async def _connect(self) -> None:
        reader, writer = await asyncio.open_connection(*self.listener.getsockname())
        self.writers.append(writer)
        assert await reader.readexactly(5) == b"hello"

    async def disconnect(self) -> None:
        for writer in self.writers:
            writer.close()
        self.writers.clear()

        async def nobody_is_connected() -> bool:
            rivals = Shares(self.file.fileno(), 2).rivals()
            return not any(each.connections for each in rivals)

        await until(nobody_is_connected, what="the end of the connections")


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    found = Site()
    yield found
    for writer in found.writers:
        writer.close()
    for each in found.accepting:
        each.server.close()
        await each.server.wait_closed()
    found.listener.close()
    found.file.close()


async def test_two_processes_get_equally_many(site: Site) -> None:
    both = [site.accept(0), site.accept(1)]

    await site.connect(64)

    assert [each.accepted for each in both] == [32, 32]


async def test_a_process_that_begins_later_catches_up(site: Site) -> None:
    first = site.accept(0)
    await site.connect(20)
    second = site.accept(1)

    await site.connect(20)

    assert [first.accepted, second.accepted] == [20, 20]


async def test_connections_that_have_ended_do_not_count(site: Site) -> None:
    first = site.accept(0)
    await site.connect(20)
    await site.disconnect()
    second = site.accept(1)

    await site.connect(20)

    assert [first.accepted, second.accepted] == [30, 10]


async def test_nobody_waits_for_a_process_that_stops(site: Site) -> None:
    first, second = site.accept(0), site.accept(1)

    second.server.close()
    await site.connect(20)

    assert [first.accepted, second.accepted] == [20, 0]
    assert Shares(site.file.fileno(), 2).rivals()[0].connections == 20


async def test_a_stuck_process_delays_one_connection_and_gets_its_share_when_it_goes_on(
    site: Site,
) -> None:
    stuck = Shares(site.file.fileno(), 1)
    stuck.serve(0)
    first = site.accept(0)
    await site.connect(1)
    loop = asyncio.get_running_loop()
    began = loop.time()

    await site.connect(1)
    waited = loop.time() - began
    looks = [each.looks for each in Shares(site.file.fileno(), 2).rivals()]
    await site.connect(20)
    looks_after = [each.looks for each in Shares(site.file.fileno(), 2).rivals()]
    second = site.accept(1)
    await site.connect(20)

    assert waited >= STUCK_S
    # It looked once or twice for each, and did not wait for the other one again.
    assert 20 <= looks_after[0] - looks[0] <= 60
    assert [first.accepted, second.accepted] == [22, 20]


async def test_a_process_without_descriptors_leaves_connections_to_others(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(even_accepts, "NO_DESCRIPTORS_S", PATIENCE_S)  # it does not come back
    first, second = site.accept(0), site.accept(1)
    refusing = Refusing(first.server)
    monkeypatch.setattr(first.server, "_sock", refusing)

    await site.connect(20)
    shown = Shares(site.file.fileno(), 2).rivals()

    assert [first.accepted, second.accepted] == [0, 20]
    assert [each.place for each in shown] == [1]
    assert "a connection cannot be accepted" in caplog.text


class Refusing:
    """The socket of a process that has as many files open as it may."""

    def __init__(self, server: Any) -> None:
        self._sock = server._sock

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def accept(self) -> None:
        raise OSError(errno.EMFILE, "too many open files")
