"""Socket.IO clients through a restart of all web processes, one after another."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from tests.api_client import ApiClient, until
from tests.process.running import RunningApp
from tests.process.socket_clients import SocketClient, javascript_client, python_client
from tests.servers import free_port

pytestmark = pytest.mark.process

CHILD = "--listening"
"""An argument by which each of several web processes is recognised."""


@dataclass
class WebProcesses:
    """`onehour web --processes 2`, beside the web process of the running application."""

    address: str
    supervisor: psutil.Process

    def children(self) -> set[int]:
        found = set()
        for child in self.supervisor.children():
            if CHILD in child.cmdline():
                found.add(child.pid)
        return found

    async def restart(self, pid: int) -> None:
        """End one of them as an upgrade does, and wait for its successor."""
        others = self.children() - {pid}
        os.kill(pid, signal.SIGTERM)

        async def has_successor() -> bool:
            return pid not in self.children() and len(self.children() - others) == 1

        await until(has_successor, what="a new web process", timeout_s=30, every_s=0.05)


def start_web(running: RunningApp, folder: Path) -> tuple[subprocess.Popen[bytes], WebProcesses]:
    """With the settings of the running application, on another port."""
    port, child = free_port(), running.child("web")
    assert child is not None
    environ = {**child.environ(), "ONEHOUR_PORT": str(port)}
    command = (sys.executable, "-m", "onehour.cli", "web", "--processes", "2")
    with (folder / "web.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environ, stdout=log, stderr=log)
    return process, WebProcesses(f"http://127.0.0.1:{port}", psutil.Process(process.pid))


@pytest.fixture
async def web(running: RunningApp, tmp_path: Path) -> AsyncIterator[WebProcesses]:
    process, found = start_web(running, tmp_path)

    async def is_ready() -> bool:
        if len(found.children()) < 2:
            return False
        try:
            async with httpx.AsyncClient() as http:
                return (await http.get(f"{found.address}/readyz")).is_success
        except httpx.HTTPError:
            return False

    try:
        await until(is_ready, what="two web processes", timeout_s=60, every_s=0.1)
        yield found
    finally:
        process.terminate()
        status = process.wait(20)
    assert status == 0, (tmp_path / "web.log").read_text()


async def test_clients_come_back_by_themselves_and_miss_nothing(
    running: RunningApp, web: WebProcesses
) -> None:
    client, (_, profile) = await running.client(), await running.developer()
    cookies = "; ".join(f"{name}={value}" for name, value in client.http.cookies.items())
    handshake = {"headers": {"Cookie": cookies}}

    async with AsyncExitStack() as stack:
        clients: list[SocketClient] = [
            await stack.enter_async_context(open_client(web.address, handshake))
            for open_client in (javascript_client, python_client)
            for _ in range(4)  # so that each process has some
        ]
        for each in clients:
            await each.has("connected")

        booked = {await held(client, profile)}
        for pid in web.children():
            await web.restart(pid)
            booked.add(await held(client, profile))
        for each in clients:
            await each.has("disconnected")
            await came_back(each)
        last = await held(client, profile)

        for each in clients:
            await told(each, last)
            assert each.known_bookings == {*booked, last}
            assert "io server disconnect" not in each.all_of("disconnected")


async def held(client: ApiClient, profile: str) -> str:
    booking = await client.book(profile, await client.free_start(profile))
    return str(booking["id"])


async def came_back(client: SocketClient) -> None:
    async def look() -> bool:
        return client.is_connected

    await until(look, what=f"connected in {client.seen}", timeout_s=60, every_s=0.05)


async def told(client: SocketClient, booking: str) -> None:
    async def look() -> bool:
        return booking in [data["booking"] for data in client.all_of("booking:updated")]

    await until(look, what=f"{booking} in {client.seen}", timeout_s=30, every_s=0.05)
