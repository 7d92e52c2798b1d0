"""The socket server. Each event is authorised by the session of the connection."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import socketio
from socketio.exceptions import ConnectionRefusedError as Refused
from werkzeug.sansio.http import parse_cookie

from core.accounts import Account
from core.errors import OneHourError
from core.sessions import Kind, Session
from services.accounts import SessionService
from web.shared.access import Access, Undeclared, check
from web.shared.context import Site
from web.shared.cookies import SESSION
from web.shared.socket_server import LARGEST_FRAME, StrictServer

log = logging.getLogger(__name__)

SWEEP_S = 60.0
"""Interval of closing sockets whose session has ended, in seconds, in case an event is lost."""

Acknowledgement = Mapping[str, object]
Acknowledged = Callable[..., Awaitable[Acknowledgement]]


@dataclass(frozen=True, slots=True)
class Socket:
    """The connection of a browser, for event handlers. `viewer` is the signed-in account, loaded
    for each event."""

    server: socketio.AsyncServer
    sid: str
    viewer: Account | None

    async def enter(self, room: str) -> None:
        """Join the room."""
        await self.server.enter_room(self.sid, room)

    async def leave(self, prefix: str) -> None:
        """Leave the rooms whose name starts with `prefix`."""
        for room in list(self.server.rooms(self.sid)):
            if room.startswith(prefix):
                await self.server.leave_room(self.sid, room)


SocketHandler = Callable[[Socket, object], Awaitable[Acknowledgement | None]]
"""Handles an event with the data of the client. None acknowledges with `{"ok": True}`."""


@dataclass(frozen=True, slots=True)
class Sockets:
    """The socket server; `events` are the declared callers of each event."""

    server: StrictServer
    sessions: SessionService
    events: Mapping[str, Access]

    async def sweep(self) -> None:
        """Close the sockets whose session has ended or expired."""
        for sid, _ in list(self.server.manager.get_participants("/", None)):
            name = (await self.server.get_session(sid)).get("session")
            if name and await self.sessions.find_active(name) is None:
                await self.server.disconnect(sid, ignore_queue=True)

    async def run_sweeps(self) -> None:
        """Run `sweep` every `SWEEP_S` seconds, until cancelled."""
        while True:
            await asyncio.sleep(SWEEP_S)
            try:
                await self.sweep()
            except Exception as error:
                log.warning("sockets of ended sessions were not closed: %r", error)


def create_sockets(
    manager: socketio.AsyncManager,
    sessions: SessionService,
    *,
    site: Site,
    events: Mapping[str, SocketHandler],
) -> Sockets:
    """The socket server with these events, by name. Raises `Undeclared` for an event that does
    not declare who may send it."""
    cookie = site.cookie

    def is_own_origin(origin: str, environ: Mapping[str, str]) -> bool:
        """The same check as for forms; a proxy that terminates TLS changes the scheme."""
        request_origin = f"{environ.get('wsgi.url_scheme')}://{environ.get('HTTP_HOST')}"
        return origin in (site.base_url, request_origin)

    server = StrictServer(
        refuse=unknown,
        async_mode="asgi",
        transports=["websocket"],
        client_manager=manager,
        ping_interval=25,
        ping_timeout=20,
        max_http_buffer_size=LARGEST_FRAME,
        cors_allowed_origins=is_own_origin,
    )

    async def connect(sid: str, environ: Mapping[str, str], auth: object) -> None:
        token = _token(environ, cookie)
        try:
            found = await sessions.authenticate(token) if token else None
        except OneHourError as error:
            raise Refused(error.message, {"code": error.code}) from error
        except Exception as error:
            log.exception("a socket could not be authenticated")
            raise Refused("Something went wrong.", {"code": "internal"}) from error
        if found and found[1].kind is Kind.BROWSER:
            account, session = found
            await server.save_session(sid, {"session": session.id})
            await server.enter_room(sid, f"account:{account.id}")
            await server.enter_room(sid, f"session:{session.id}")

    access = {event: _declared(event, handler) for event, handler in events.items()}
    server.on("connect", connect)
    for event, handler in events.items():
        server.on(event, _acknowledged(server, sessions, access[event], handler))
    return Sockets(server, sessions, access)


def _declared(event: str, handler: SocketHandler) -> Access:
    access = getattr(handler, "access", None)
    if not isinstance(access, Access):
        raise Undeclared(f"The event {event} does not declare who may send it.")
    return access


def _acknowledged(
    server: socketio.AsyncServer, sessions: SessionService, access: Access, handler: SocketHandler
) -> Acknowledged:
    """Check access, call the handler, and acknowledge the event, also after a failure. The
    session is loaded for each event."""

    async def acknowledged(sid: str, data: object = None) -> Mapping[str, object]:
        try:
            found = await _found(server, sessions, sid)
            viewer = found[0] if found else None
            check(access.who, viewer)
            return await handler(Socket(server, sid, viewer), data) or {"ok": True}
        except OneHourError as error:
            return {"ok": False, "code": error.code, "detail": error.message}
        except Exception:
            log.exception("socket handler failed")
            return {"ok": False, "code": "internal", "detail": "Something went wrong."}

    return acknowledged


async def _found(
    server: socketio.AsyncServer, sessions: SessionService, sid: str
) -> tuple[Account, Session] | None:
    name = (await server.get_session(sid)).get("session")
    return await sessions.resume(name) if name else None


def unknown(event: str, sid: str, *_: Any) -> Mapping[str, object]:
    """Acknowledges an event without a handler."""
    return {"ok": False, "code": "unknown_event", "detail": f"There is no event {event[:40]}."}


def _token(environ: Mapping[str, Any], name: str) -> str | None:
    """The session token, read as by `Request.cookies`: other cookies may have any value."""
    headers = environ["asgi.scope"]["headers"]
    lines = [value.decode("latin-1") for key, value in headers if key.lower() == b"cookie"]
    cookie = parse_cookie(";".join(lines)).get(name, "")
    return cookie.removeprefix(SESSION) if cookie.startswith(SESSION) else None
