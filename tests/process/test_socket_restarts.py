"""Socket.IO clients through a restart of all web processes, one after another."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path

import pytest

from tests.api_client import PASSWORD, ApiClient, until
from tests.process.running import RunningApp
from tests.process.socket_clients import (
    Handshake,
    SocketClient,
    javascript_client,
    python_client,
)
from tests.process.web_processes import WebProcesses, web_processes

pytestmark = pytest.mark.process

OpenClient = Callable[[str, Handshake], AbstractAsyncContextManager[SocketClient]]
CLIENTS: tuple[OpenClient, ...] = (javascript_client, python_client)


@pytest.fixture
async def web(running: RunningApp, tmp_path: Path) -> AsyncIterator[WebProcesses]:
    async with web_processes(running, tmp_path) as found:
        yield found


async def test_clients_come_back_by_themselves_and_miss_nothing(
    running: RunningApp, web: WebProcesses
) -> None:
    client, (_, profile) = await running.client(), await running.developer()
    cookies = "; ".join(f"{name}={value}" for name, value in client.http.cookies.items())
    me = {"email": (await client.get("/me"))["email"], "password": PASSWORD}
    token = (await running.api_client().post("/auth/token", me))["access_token"]
    handshakes: list[Handshake] = [{"headers": {"Cookie": cookies}}, {"auth": {"token": token}}]

    async with AsyncExitStack() as stack:
        clients: list[SocketClient] = [
            await stack.enter_async_context(open_client(web.address, handshake))
            for open_client in CLIENTS
            for handshake in handshakes * 2  # so that each process has some
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


@pytest.mark.parametrize("open_client", CLIENTS)
@pytest.mark.parametrize(
    ("handshake", "code"),
    [
        ({"auth": {"token": "x"}}, "token_refused"),
        ({"headers": {"Authorization": "Bearer x"}}, "token_refused"),
        ({"headers": {"Cookie": "onehour=s.x"}}, "session_over"),
        ({"auth": {"tokn": "x"}}, "invalid"),
    ],
)
async def test_clients_learn_why_they_are_refused(
    running: RunningApp, open_client: OpenClient, handshake: Handshake, code: str
) -> None:
    async with open_client(running.base_url, handshake) as client:
        await client.has("refused")

        assert client.seen == [("refused", {"code": code})]


async def held(client: ApiClient, profile: str) -> str:
    booking = await client.book(profile, await client.free_start(profile))
    return str(booking["id"])


async def came_back(client: SocketClient) -> None:
    async def look() -> bool:
        return client.is_connected

    await until(look, what=f"connected in {client.seen}", every_s=0.05)


async def told(client: SocketClient, booking: str) -> None:
    async def look() -> bool:
        return booking in [data["booking"] for data in client.all_of("booking:updated")]

    await until(look, what=f"{booking} in {client.seen}", every_s=0.05)
