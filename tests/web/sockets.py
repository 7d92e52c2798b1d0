"""Sockets without a network: the site with its socket server, and browsers that open one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import socketio

from onehour.testing.browser import HOST
from services.bootstrap import Services
from tests.patience import PATIENCE_S
from tests.web.every_role import Person, SiteWithEveryRole
from web.app import WEB
from web.shared.live import LocalManager
from web.shared.records import events_of
from web.shared.sockets import SocketHandler, Sockets, create_sockets

OPEN, REFUSED = "40", "44"
EVENT = "421"
"""A message (4) with an event (2) that wants an answer under the number 1; Socket.IO protocol 5."""
ANSWER = "431"


class SocketRefused(Exception):
    """The server refuses the connection, with this code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class SocketClosed(Exception):
    """The server has closed the connection."""


@dataclass
class OpenSocket:
    """One open socket. `sid` is what the server calls it, `state` what the web server gives with
    the connection. Nothing is received while `reads` is not set."""

    sockets: Sockets
    sent: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)
    received: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)
    sid: str = ""
    state: dict[str, Any] = field(default_factory=dict)
    reads: asyncio.Event = field(default_factory=asyncio.Event)

    async def receive(self, message: dict[str, Any]) -> None:
        await self.reads.wait()
        self.received.put_nowait(message)

    async def send(self, event: str, data: object) -> dict[str, Any]:
        """The server's answer to an event."""
        self.say(EVENT + json.dumps([event, data]))
        (received,) = json.loads((await self.next(ANSWER)).removeprefix(ANSWER))
        assert isinstance(received, dict)
        return received

    def say(self, text: str) -> None:
        self.sent.put_nowait({"type": "websocket.receive", "text": text})

    async def next(self, begins: str | tuple[str, ...]) -> str:
        """The next message of the server with this prefix, or one of these. Raises
        `SocketClosed`."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                message = await self.received.get()
                if message["type"] == "websocket.close":
                    raise SocketClosed
                if (text := str(message.get("text"))).startswith(begins):
                    return text

    @property
    def rooms(self) -> set[str]:
        """The rooms it has joined, without its own."""
        return set(self.sockets.server.rooms(self.sid)) - {self.sid}


@asynccontextmanager
async def sockets_of(
    site: SiteWithEveryRole,
    added: Mapping[str, SocketHandler] | None = None,
    *,
    services: Services | None = None,
) -> AsyncIterator[Sockets]:
    """The site's socket server, with more events and other services if a test brings some."""
    sockets = create_sockets(
        LocalManager(),
        services or site.app.services,
        site=site.quart_app.extensions["dependencies"].site,
        events={**events_of(WEB), **(added or {})},
    )
    yield sockets
    if sockets.server.eio.service_task_handle:
        await sockets.server.shutdown()


@asynccontextmanager
async def open_socket(
    sockets: Sockets,
    person: Person,
    *,
    cookies: Sequence[str] | None = None,
    auth: object = None,
) -> AsyncIterator[OpenSocket]:
    """A user's browser opens a socket; a program also sends its token, as a header. `cookies` are
    other `Cookie` headers than the browser's, `auth` is that of the handshake. Raises
    `SocketRefused` or `SocketClosed`."""
    opened = OpenSocket(sockets)
    opened.reads.set()
    jar = "; ".join(f"{name}={value}" for name, value in person.browser.jar.items())
    scope = _scope(person, [jar] if cookies is None else cookies, opened.state)
    opened.sent.put_nowait({"type": "websocket.connect"})
    asgi = socketio.ASGIApp(sockets.server)
    served = asyncio.create_task(asgi(scope, opened.sent.get, opened.receive))
    try:
        await opened.next("0")
        opened.say(OPEN + ("" if auth is None else json.dumps(auth)))
        answer = await opened.next((OPEN, REFUSED))
        if answer.startswith(REFUSED):
            raise SocketRefused(json.loads(answer.removeprefix(REFUSED))["data"]["code"])
        opened.sid = json.loads(answer.removeprefix(OPEN))["sid"]
        yield opened
    finally:
        opened.reads.set()
        opened.sent.put_nowait({"type": "websocket.disconnect"})
        await served


def _scope(person: Person, cookies: Sequence[str], state: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "websocket",
        "asgi": {"version": "3.0"},
        "path": "/socket.io/",
        "raw_path": b"/socket.io/",
        "query_string": b"EIO=4&transport=websocket",
        "scheme": "wss",
        "state": state,
        "headers": [
            (b"host", HOST.encode()),
            (b"connection", b"Upgrade"),
            (b"upgrade", b"websocket"),
            *((b"cookie", line.encode("latin-1")) for line in cookies),
            *([(b"authorization", f"Bearer {person.token}".encode())] if person.token else []),
        ],
    }
