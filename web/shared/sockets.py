"""The socket server. Each event is authorised by the session of the connection."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import socketio
from socketio.exceptions import ConnectionRefusedError as Refused

from core.accounts import Account
from core.errors import OneHourError, Unavailable
from ports.telemetry import FAILED, NO_TELEMETRY, Kind, Telemetry
from ports.tokens import TokenRefused
from services.accounts import KnownSessions, SessionService
from services.bootstrap import Services
from web.shared.access import Access, Undeclared, check
from web.shared.context import Site
from web.shared.live_events import event_reader
from web.shared.socket_callers import identify
from web.shared.socket_server import LARGEST_FRAME, StrictServer
from web.shared.socket_sessions import SocketSessions

log = logging.getLogger(__name__)

SWEEP_S = 60.0
"""Interval of closing sockets whose session has ended, in seconds, in case an event is lost."""

OK = "ok"
Acknowledgement = Mapping[str, object]
Acknowledged = Callable[..., Awaitable[Acknowledgement]]


@dataclass(frozen=True, slots=True)
class Socket:
    """The connection of a browser or a program, for event handlers. `viewer` is the signed-in
    account, as it is stored at each event."""

    server: socketio.AsyncServer
    sid: str
    viewer: Account | None
    services: Services

    async def enter(self, room: str) -> None:
        """Join the room."""
        await self.server.enter_room(self.sid, room)

    def is_in(self, room: str) -> bool:
        """Whether it has joined the room."""
        return room in self.server.rooms(self.sid)

    async def send_to_others(self, room: str, event: str, data: Mapping[str, object]) -> None:
        """Send an event to the other sockets of the room, of all processes. Best effort."""
        await self.server.emit(event, dict(data), room=room, skip_sid=self.sid)

    async def leave(self, prefix: str) -> None:
        """Leave the rooms whose name starts with `prefix`."""
        for room in list(self.server.rooms(self.sid)):
            if room.startswith(prefix):
                await self.server.leave_room(self.sid, room)


SocketHandler = Callable[[Socket, Any], Awaitable[Acknowledgement | None]]
"""Handles an event with the data of the client, which has the form that `document_event` declares.
None acknowledges with `{"ok": True}`."""


@dataclass(frozen=True, slots=True)
class Sockets:
    """The socket server; `events` are the declared callers of each event."""

    server: StrictServer
    sessions: SessionService
    events: Mapping[str, Access]
    accounts: SocketSessions

    async def find(self, sid: str) -> Account | None:
        """The account of a socket, whose session is checked; None when it has none, or when its
        session has ended. Raises `TokenRefused` when its access token has expired."""
        kept = await self._kept(sid)
        if self._has_expired(kept):
            raise TokenRefused
        return await self.accounts.find(kept["session"]) if kept else None

    async def sweep(self) -> None:
        """Close the sockets whose session has ended, and those whose access token has expired:
        these connect again by themselves, with the present token if the client has one."""
        for sid, eio_sid in list(self.server.manager.get_participants("/", None)):
            kept = await self._kept(sid)
            if kept and await self.sessions.find_active(kept["session"]) is None:
                await self.server.disconnect(sid, ignore_queue=True)
            elif self._has_expired(kept):
                self.server.close_transport(eio_sid)

    async def _kept(self, sid: str) -> dict[str, Any]:
        """What `connect` has kept for the socket; empty for a visitor, and for a socket that has
        closed meanwhile."""
        try:
            kept: dict[str, Any] = await self.server.get_session(sid)
        except KeyError:
            return {}
        return kept

    def _has_expired(self, kept: Mapping[str, Any]) -> bool:
        end: datetime | None = kept.get("expires_at")
        return end is not None and self.sessions.clock.now() >= end

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
    services: Services,
    *,
    site: Site,
    events: Mapping[str, SocketHandler],
    telemetry: Telemetry = NO_TELEMETRY,
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

    async def connect(sid: str, environ: Mapping[str, Any], auth: object) -> None:
        try:
            caller = await identify(services, environ, auth, cookie=cookie)
        except Exception as error:
            if not isinstance(error, OneHourError):
                log.exception("a socket could not be authenticated")
            if not isinstance(error, OneHourError) or isinstance(error, Unavailable):
                # No refusal, after which clients stay away: they are to try again.
                server.close_transport(server.manager.eio_sid_from_sid(sid, "/"))
            raise _refusal(error) from error
        if caller:
            kept = {"session": caller.session.id, "expires_at": caller.expires_at}
            await server.save_session(sid, kept)
            await server.enter_room(sid, f"account:{caller.account.id}")
            await server.enter_room(sid, f"session:{caller.session.id}")

    access = {event: _declared(event, handler) for event, handler in events.items()}
    known = SocketSessions(KnownSessions(services.sessions))
    sockets = Sockets(server, services.sessions, access, known)
    server.on("connect", connect)
    for event, handler in events.items():
        acknowledged = _acknowledged(sockets, services, access[event], handler)
        server.on(event, _observed(telemetry, event, acknowledged))
    return sockets


def _declared(event: str, handler: SocketHandler) -> Access:
    access = getattr(handler, "access", None)
    if not isinstance(access, Access):
        raise Undeclared(f"The event {event} does not declare who may send it.")
    return access


def _refusal(error: Exception) -> Refused:
    if isinstance(error, OneHourError):
        return Refused(error.message, {"code": error.code})
    return Refused("Something went wrong.", {"code": "internal"})


def _acknowledged(
    sockets: Sockets, services: Services, access: Access, handler: SocketHandler
) -> Acknowledged:
    """Check access and the form of the data, call the handler, and acknowledge the event, also
    after a failure. Each event is authorised anew."""
    read = event_reader(handler)

    async def acknowledged(sid: str, data: object = None) -> Mapping[str, object]:
        try:
            viewer = await sockets.find(sid)
            check(access.who, viewer)
            socket = Socket(sockets.server, sid, viewer, services)
            return await handler(socket, read(data)) or {"ok": True}
        except OneHourError as error:
            return {"ok": False, "code": error.code, "detail": error.message}
        except Exception:
            log.exception("socket handler failed")
            return {"ok": False, "code": "internal", "detail": "Something went wrong."}

    return acknowledged


def _observed(telemetry: Telemetry, event: str, handle: Acknowledged) -> Acknowledged:
    """Mark each event as an operation."""

    async def observed(sid: str, data: object = None) -> Acknowledgement:
        with telemetry.operation(Kind.EVENT, event) as operation:
            acknowledgement = await handle(sid, data)
            refused = acknowledgement.get("ok") is False
            operation.outcome = str(acknowledgement.get("code", FAILED)) if refused else OK
            return acknowledgement

    return observed


def with_observed_sockets(inner: Any, telemetry: Telemetry) -> Any:
    """ASGI middleware: each open websocket is an operation."""
    if not telemetry.observers:
        return inner

    async def middleware(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "websocket":
            await inner(scope, receive, send)
            return
        with telemetry.operation(Kind.CONNECTION):
            await inner(scope, receive, send)

    return middleware


def unknown(event: str) -> Mapping[str, object]:
    """The answer to an event without a handler."""
    return {"ok": False, "code": "unknown_event", "detail": f"There is no event {event[:40]}."}
