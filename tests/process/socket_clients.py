"""The two official Socket.IO clients, with nothing of ours around them, and what they have seen."""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import socketio

from tests.api_client import API, until
from tests.oidc import find_node
from tests.patience import PATIENCE_S

PROGRAM = Path(__file__).with_name("socket_client.mjs")
Handshake = Mapping[str, Mapping[str, str]]
"""`headers` and `auth` of a connection."""


@dataclass
class SocketClient:
    """`seen` are pairs of what has happened and its data: `entered` when a connection begins, and
    `connected` with the ids of the bookings that the client has loaded again since."""

    seen: list[tuple[str, Any]] = field(default_factory=list)

    def count(self, what: str) -> int:
        return len([each for each, _ in self.seen if each == what])

    def all_of(self, what: str) -> list[Any]:
        return [data for each, data in self.seen if each == what]

    def last(self, what: str) -> int:
        """Where it was seen last, -1 if never."""
        return max((n for n, (each, _) in enumerate(self.seen) if each == what), default=-1)

    @property
    def is_connected(self) -> bool:
        return self.last("connected") > max(self.last("disconnected"), self.last("entered"))

    @property
    def known_bookings(self) -> set[str]:
        """Those of the last loading, and of the events since its connection began."""
        since = self.seen[self.last("entered") :]
        events = [data["booking"] for what, data in since if what == "booking:updated"]
        return {*self.seen[self.last("connected")][1], *events}

    async def has(self, what: str, times: int = 1) -> None:
        """Wait until it has seen this so often."""

        async def look() -> bool:
            return self.count(what) >= times

        await until(look, what=f"{what} in {self.seen}", every_s=0.05)


@asynccontextmanager
async def javascript_client(address: str, handshake: Handshake) -> AsyncIterator[SocketClient]:
    """`socket.io-client` of npm, in a process of Node."""
    program, client = find_node(), SocketClient()
    assert program, "Node is not installed"
    process = await asyncio.create_subprocess_exec(
        program, PROGRAM, address, json.dumps(handshake), stdin=PIPE, stdout=PIPE
    )
    assert process.stdin and process.stdout

    async def read(lines: asyncio.StreamReader) -> None:
        async for line in lines:
            told = json.loads(line)
            client.seen.append((told["what"], told.get("data")))

    reading = asyncio.create_task(read(process.stdout))
    try:
        yield client
    finally:
        process.stdin.close()  # it ends
        await process.wait()
        await reading


class PatientClient(socketio.AsyncClient):  # type: ignore[misc]
    """Waits longer than a second until it has entered its namespace."""

    async def connect(self, *address: Any, **how: Any) -> None:
        await super().connect(*address, **how, wait_timeout=PATIENCE_S)


@asynccontextmanager
async def python_client(address: str, handshake: Handshake) -> AsyncIterator[SocketClient]:
    """`AsyncClient` of python-socketio. It takes the cookie out of the headers it gets, so that a
    program must give a function for the next connection to have it, too."""
    client, sockets = SocketClient(), PatientClient(request_timeout=PATIENCE_S)
    headers, auth = dict(handshake.get("headers", {})), handshake.get("auth")
    token = (auth or {}).get("token")
    credentials = {"Authorization": f"Bearer {token}"} if token else headers

    async def connected() -> None:
        entered = sockets.get_sid()
        client.seen.append(("entered", None))
        async with httpx.AsyncClient(
            base_url=address, headers=credentials, timeout=PATIENCE_S
        ) as http:
            answer = await bookings(http)
        ids = [each["id"] for each in answer.json()["items"]] if answer.is_success else []
        if sockets.get_sid() == entered:
            client.seen.append(("connected", ids))

    async def bookings(http: httpx.AsyncClient) -> httpx.Response:
        while True:
            try:
                return await http.get(f"{API}/bookings")
            except httpx.TransportError:  # a process that accepted the connection has ended
                await asyncio.sleep(0.05)

    async def told(event: str, data: Any = None) -> None:
        client.seen.append((event, data))

    async def disconnected(reason: str) -> None:
        client.seen.append(("disconnected", reason))

    async def refused(data: Any) -> None:
        client.seen.append(("refused", data.get("data") if isinstance(data, dict) else None))

    for name, handler in [
        ("connect", connected), ("disconnect", disconnected), ("connect_error", refused),
        ("*", told),
    ]:  # fmt: skip
        sockets.on(name, handler)
    try:
        await sockets.connect(
            address, headers=lambda: dict(headers), auth=auth, transports=["websocket"]
        )
    except socketio.exceptions.ConnectionError:
        assert client.count("refused"), "it is refused by the server"
    try:
        yield client
    finally:
        await sockets.shutdown()
