"""Sockets without a network: the site with its socket server, and browsers that open one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import socketio

from tests.web.every_role import Person, SiteWithEveryRole
from tests.web.site import HOST
from web.app import WEB
from web.shared.live import LocalManager
from web.shared.records import events_of
from web.shared.sockets import SocketHandler, Sockets, create_sockets

TIMEOUT_S = 5
OPEN = "40"
EVENT = "421"
"""A message (4) with an event (2) that wants an answer under the number 1; Socket.IO protocol 5."""
ANSWER = "431"


@dataclass
class OpenSocket:
    """One open socket. `sid` is what the server calls it."""

    sockets: Sockets
    sent: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)
    received: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)
    sid: str = ""

    async def send(self, event: str, data: object) -> dict[str, Any]:
        """The server's answer to an event."""
        self.say(EVENT + json.dumps([event, data]))
        (received,) = json.loads((await self.next(ANSWER)).removeprefix(ANSWER))
        assert isinstance(received, dict)
        return received

    def say(self, text: str) -> None:
        self.sent.put_nowait({"type": "websocket.receive", "text": text})

    async def next(self, begins: str) -> str:
        """The next message of the server with this prefix."""
        async with asyncio.timeout(TIMEOUT_S):
            while not (text := str((await self.received.get()).get("text"))).startswith(begins):
                pass
        return text

    @property
    def rooms(self) -> set[str]:
        """The rooms it has joined, without its own."""
        return set(self.sockets.server.rooms(self.sid)) - {self.sid}


@asynccontextmanager
async def sockets_of(
    site: SiteWithEveryRole, added: Mapping[str, SocketHandler] | None = None
) -> AsyncIterator[Sockets]:
    """The site's socket server, with more events if a test brings some."""
    sockets = create_sockets(
        LocalManager(),
        site.app.services.sessions,
        site=site.quart_app.extensions["dependencies"].site,
        events={**events_of(WEB), **(added or {})},
    )
    yield sockets
    if sockets.server.eio.service_task_handle:
        await sockets.server.shutdown()


@asynccontextmanager
async def open_socket(sockets: Sockets, person: Person) -> AsyncIterator[OpenSocket]:
    """A user's browser opens a socket; a program also sends its token."""
    opened = OpenSocket(sockets)
    opened.sent.put_nowait({"type": "websocket.connect"})
    asgi = socketio.ASGIApp(sockets.server)
    served = asyncio.create_task(asgi(_scope(person), opened.sent.get, opened.received.put))
    await opened.next("0")
    opened.say(OPEN)
    opened.sid = json.loads((await opened.next(OPEN)).removeprefix(OPEN))["sid"]
    yield opened
    opened.sent.put_nowait({"type": "websocket.disconnect"})
    await served


def _scope(person: Person) -> dict[str, Any]:
    cookies = "; ".join(f"{name}={value}" for name, value in person.browser.jar.items())
    return {
        "type": "websocket",
        "asgi": {"version": "3.0"},
        "path": "/socket.io/",
        "raw_path": b"/socket.io/",
        "query_string": b"EIO=4&transport=websocket",
        "scheme": "wss",
        "headers": [
            (b"host", HOST.encode()),
            (b"connection", b"Upgrade"),
            (b"upgrade", b"websocket"),
            (b"cookie", cookies.encode()),
            (b"authorization", f"Bearer {person.token}".encode()),
        ],
    }
