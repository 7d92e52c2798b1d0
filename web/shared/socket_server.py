"""A Socket.IO server with limits for each socket: what waits to be sent, what waits to be handled,
what is read.

The libraries have none: a client that does not read fills the memory, and many malformed packets
end in a traceback.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any

import engineio
import socketio
from engineio.async_drivers import asgi
from socketio import packet

from web.shared.log_allowance import LogAllowance
from web.shared.socket_incoming import IncomingPackets
from web.shared.socket_packets import MalformedEvent, TextPacket, check_event
from web.shared.socket_transport import StrictWebSocket

log = logging.getLogger(__name__)

LARGEST_FRAME = 64_000
"""Characters of a message from a client. The web server refuses longer ones as they arrive."""
UNSENT_PACKETS, UNSENT_CHARACTERS = 1_000, 1_000_000
"""What may wait for a client that does not read. It is cut; on return it loads what it missed."""
NORMAL_CLOSURE, SERVICE_RESTART = 1000, 1012
"""Codes of a closed websocket, of the list of IANA that RFC 6455 (11.7) opens."""
CLOSE_TIMEOUT_S = 1.0
"""How long a client may take to confirm that the connection is closed; then it is cut."""
RESERVED = frozenset({"connect", "disconnect", "*"})
"""Names under which the library keeps handlers that are none of events."""


class UnsentPackets(asyncio.Queue[Any]):
    """The packets that wait to be sent to one client, and None at the end. Beyond the limits,
    all are dropped and `on_full` is called, once."""

    def __init__(self) -> None:
        self.characters = 0
        self.is_cut = False
        self.on_full: Callable[[], None] = lambda: None
        super().__init__()

    async def put(self, item: Any) -> None:
        self.put_nowait(item)

    def put_nowait(self, item: Any) -> None:
        if self.is_cut and item is not None:
            return
        super().put_nowait(item)
        if self.qsize() > UNSENT_PACKETS or self.characters > UNSENT_CHARACTERS:
            self.is_cut = True
            while not self.empty():
                self.get_nowait()
                self.task_done()
            self.on_full()

    def _put(self, item: Any) -> None:
        self.characters += _length(item)
        super()._put(item)

    def _get(self) -> Any:
        item = super()._get()
        self.characters -= _length(item)
        return item


def _length(item: Any) -> int:
    data = getattr(item, "data", None)
    return len(data) if isinstance(data, str | bytes) else 0


class StrictEngine(engineio.AsyncServer):  # type: ignore[misc]
    """The lower layer: packets and their queues."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._async = {**asgi._async, "websocket": StrictWebSocket}
        self.on_malformed: Callable[[], None] = lambda: None
        self.close_code = NORMAL_CLOSURE

    def create_queue(self, *_: Any, **__: Any) -> UnsentPackets:
        return UnsentPackets()


class StrictServer(socketio.AsyncServer):  # type: ignore[misc]
    """Answers each event or ends the connection, whatever a client sends. `refuse` makes the
    answer to an event without a handler, of its name."""

    def __init__(self, *, refuse: Callable[[str], Mapping[str, object]], **options: Any) -> None:
        super().__init__(serializer=TextPacket, async_handlers=False, **options)
        self._refuse = refuse
        self._allowances: dict[str, LogAllowance] = {}
        self._incoming: dict[str, IncomingPackets] = {}
        self._is_closing, self.manager_initialized = False, False
        self._all_closed = asyncio.Event()
        self.eio.on_malformed = partial(self.report, "a socket sent what is no packet: closed")

    def _engineio_server_class(self) -> type[StrictEngine]:
        return StrictEngine

    def listen(self) -> None:
        """Begin to receive what other processes send. The library would begin at the first
        connection, which could miss it."""
        if not self.manager_initialized:
            self.manager_initialized = True
            self.manager.initialize()

    def report(self, line: str) -> None:
        """Log what a client has done, within a limit for each of the few different lines."""
        now = datetime.now(UTC)
        if self._allowances.setdefault(line, LogAllowance(f"lines: {line}", now)).allows(now):
            log.warning("%s", line)

    def abort(self, eio_sid: str) -> None:
        """End the connection at once. An ordinary close waits until the client has read."""
        scope = self.environ.get(eio_sid, {}).get("asgi.scope", {})
        abort = scope.get("state", {}).get("abort")
        if abort:  # set by `onehour/connections.py`
            abort()
        elif eio_sid in self.eio.sockets:
            self.start_background_task(self.eio.sockets[eio_sid].close, wait=False, abort=True)

    def close_transport(self, eio_sid: str) -> None:
        """End the connection after what waits to be sent. The client sees a lost connection and
        connects again by itself; after `disconnect` it would stay away."""
        if eio_sid in self.eio.sockets:
            self.eio.sockets[eio_sid].queue.put_nowait(None)

    async def close_all(self) -> None:
        """End all connections as `close_transport` does, and refuse new ones: the process stops.
        A client that does not confirm within `CLOSE_TIMEOUT_S` is cut."""
        self._is_closing, self.eio.close_code = True, SERVICE_RESTART
        if not self.environ:
            return
        self._all_closed.clear()
        for eio_sid in list(self.environ):
            self.close_transport(eio_sid)
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._all_closed.wait()
        for eio_sid in list(self.environ):
            self.abort(eio_sid)

    async def _handle_eio_connect(self, eio_sid: str, environ: Mapping[str, Any]) -> bool | None:
        if self._is_closing:
            return False
        await super()._handle_eio_connect(eio_sid, environ)
        self._incoming[eio_sid] = IncomingPackets(
            partial(self._handle_packet, eio_sid),
            partial(self._cut, eio_sid, "sends more than can be handled"),
        )
        self.eio.sockets[eio_sid].queue.on_full = partial(
            self._cut, eio_sid, "does not read what is sent to it"
        )
        return None

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        if reason == self.reason.PING_TIMEOUT:
            self.abort(eio_sid)
        if incoming := self._incoming.get(eio_sid):
            await incoming.finish()
            self._incoming.pop(eio_sid, None)
        await super()._handle_eio_disconnect(eio_sid, reason)
        if not self.environ:
            self._all_closed.set()

    def _cut(self, eio_sid: str, because: str) -> None:
        self.report(f"a socket {because}: closed")
        if incoming := self._incoming.get(eio_sid):
            incoming.end()
        self.abort(eio_sid)

    async def _handle_eio_message(self, eio_sid: str, data: str) -> None:
        if incoming := self._incoming.get(eio_sid):
            incoming.put(data)

    async def _handle_packet(self, eio_sid: str, data: str) -> None:
        try:
            await super()._handle_eio_message(eio_sid, data)
        except (ValueError, RecursionError, TypeError, LookupError, AttributeError) as error:
            if eio_sid in self._incoming:  # otherwise it has ended meanwhile
                self._cut(eio_sid, f"sent a malformed packet ({type(error).__name__})")
        except Exception:
            log.exception("a packet of a socket could not be handled")

    async def _handle_event(
        self, eio_sid: str, namespace: str | None, id: int | None, data: object
    ) -> None:
        refused = self._refusal(eio_sid, namespace or "/", data)
        if refused is None:
            await super()._handle_event(eio_sid, namespace, id, data)
            return
        self.report(f"a socket sent an event that was refused: {refused['code']}")
        if id is not None:
            answer = self.packet_class(packet.ACK, namespace=namespace, id=id, data=[refused])
            await self._send_packet(eio_sid, answer)
        incoming = self._incoming.get(eio_sid)
        if incoming and not incoming.may_be_refused(asyncio.get_running_loop().time()):
            self._cut(eio_sid, "sends many events that are refused")

    async def _handle_event_internal(self, *args: Any) -> None:
        try:
            await super()._handle_event_internal(*args)
        except Exception:  # ours: the packet was well-formed
            log.exception("an event of a socket could not be handled")

    def _refusal(self, eio_sid: str, namespace: str, data: object) -> Mapping[str, object] | None:
        """The answer to an event that no handler gets."""
        sid = self.manager.sid_from_eio_sid(eio_sid, namespace)
        if not self.manager.is_connected(sid, namespace):
            return {"ok": False, "code": "not_connected", "detail": "Connect first."}
        try:
            name = check_event(data)
        except MalformedEvent as error:
            return {"ok": False, "code": "malformed_event", "detail": str(error)}
        is_known = name in self.handlers.get(namespace, ()) and name not in RESERVED
        return None if is_known else self._refuse(name)
