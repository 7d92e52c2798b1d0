"""Connections are divided evenly among the processes of `onehour web --processes 2`."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from tests.api_client import until
from tests.process.raw_http import statuses
from tests.process.running import START_S, RunningApp
from tests.process.web_processes import WebProcesses, web_processes

pytestmark = pytest.mark.process

REQUEST = b"GET /help HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
ANSWER_S = 30.0


class Clients:
    """Clients that keep their connections open."""

    def __init__(self, web: WebProcesses) -> None:
        self._web = web
        self.writers: list[asyncio.StreamWriter] = []

    async def connect(self, number: int) -> None:
        """So many more at once, until each has an answer."""
        await asyncio.gather(*(self._connect() for _ in range(number)))

    async def _connect(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._web.port)
        self.writers.append(writer)
        writer.write(REQUEST)
        async with asyncio.timeout(ANSWER_S):
            head = await reader.readuntil(b"\r\n\r\n")
        assert statuses(head) == [200]

    def of_processes(self) -> Counter[int]:
        """How many of them each process has."""
        ports = {writer.get_extra_info("sockname")[1] for writer in self.writers}
        return Counter(
            pid
            for pid in self._web.children()
            for each in psutil.Process(pid).net_connections("tcp4")
            if each.raddr and each.raddr.port in ports and each.laddr.port == self._web.port
        )

    def close(self) -> None:
        for writer in self.writers:
            writer.close()


@pytest.fixture
async def web(running: RunningApp, tmp_path: Path) -> AsyncIterator[WebProcesses]:
    async with web_processes(running, tmp_path) as found:
        yield found


@pytest.fixture
async def clients(web: WebProcesses) -> AsyncIterator[Clients]:
    found = Clients(web)
    yield found
    found.close()


async def test_each_process_serves_its_share_also_after_one_was_killed_or_hung(
    web: WebProcesses, clients: Clients
) -> None:
    # Several times, because a machine may not let a process run for as long as others wait for it.
    # It then gets more of the next ones.
    for _ in range(4):
        await clients.connect(16)
    at_first = clients.of_processes()
    killed, other = web.children()
    await web.kill(killed)
    await all_serve(web)
    for _ in range(4):
        await clients.connect(16)
    after_a_kill = clients.of_processes()
    os.kill(other, signal.SIGSTOP)
    try:
        await clients.connect(8)
        while_one_hangs = clients.of_processes()
    finally:
        os.kill(other, signal.SIGCONT)

    assert at_first.total() == 64
    assert min(at_first[killed], at_first[other]) >= 22
    assert len(after_a_kill) == 2
    assert min(after_a_kill.values()) >= after_a_kill.total() / 3
    assert while_one_hangs[other] == after_a_kill[other]


async def all_serve(web: WebProcesses) -> None:
    async def look() -> bool:
        return web.all_serve()

    await until(look, what="two processes that serve", timeout_s=START_S)
