"""Sockets: browsers hear at once that something of theirs has changed.

A message is a hint to look again, never the news itself, so losing one loses nothing.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

import redis.asyncio as aioredis
import socketio
from socketio.exceptions import ConnectionRefusedError as Refused

from core.errors import OneHourError
from ports.live import Live
from services.accounts import AccountService
from web.sessions import SESSION

log = logging.getLogger(__name__)

LARGEST_FRAME = 64_000
DEVELOPER = re.compile(r"dev_[a-z0-9_]{1,56}")
PATIENCE_S = 2.0
QUEUE = 10_000
BATCH = 200


class PipelinedManager(socketio.AsyncRedisManager):  # type: ignore[misc]
    """Publishes through one bounded queue and few connections.

    The library's own opens a connection per concurrent publish and drops messages under a
    burst. A batch that meets a dead Redis is lost, as it would be there.
    """

    def _redis_connect(self) -> None:
        pool = aioredis.BlockingConnectionPool.from_url(
            self.redis_url, max_connections=8, timeout=10
        )
        self.redis = aioredis.Redis(connection_pool=pool)
        self.pubsub = self.redis.pubsub(ignore_subscribe_messages=True)
        self.connected = True

    async def _publish(self, data: Mapping[str, object]) -> None:
        queue: asyncio.Queue[str] | None = getattr(self, "_queue", None)
        if queue is None:
            queue = asyncio.Queue[str](QUEUE)
            self._queue = queue
            self._draining = asyncio.create_task(self._drain(queue))
        try:
            queue.put_nowait(self.json.dumps(data))
        except asyncio.QueueFull:
            log.warning("too many live messages at once; one is dropped")

    async def _drain(self, queue: asyncio.Queue[str]) -> None:
        while True:
            batch = [await queue.get()]
            while not queue.empty() and len(batch) < BATCH:
                batch.append(queue.get_nowait())
            try:
                if not self.connected:
                    self._redis_connect()
                async with self.redis.pipeline(transaction=False) as pipeline:
                    for message in batch:
                        pipeline.publish(self.channel, message)
                    await pipeline.execute()
            except Exception as error:
                log.warning("live messages lost: %r", error)
                self.connected = False
                await asyncio.sleep(0.5)


class SocketLive(Live):
    """Tells rooms through a Socket.IO manager: the server's own, or a write-only one."""

    def __init__(self, manager: socketio.AsyncManager) -> None:
        self._manager = manager

    async def tell(self, room: str, event: str, data: Mapping[str, object]) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._manager.emit(event, dict(data), namespace="/", room=room)
        except Exception as error:
            log.warning("could not tell %s: %r", room, error)


Handler = Callable[..., Awaitable[Mapping[str, object] | None]]


def create_sockets(
    manager: socketio.AsyncManager, accounts: AccountService, *, cookie: str
) -> socketio.AsyncServer:
    """The socket server; a browser is who its session cookie says."""
    server = socketio.AsyncServer(
        async_mode="asgi",
        transports=["websocket"],
        client_manager=manager,
        ping_interval=25,
        ping_timeout=20,
        max_http_buffer_size=LARGEST_FRAME,
    )

    async def connect(sid: str, environ: Mapping[str, str], auth: object) -> None:
        token = _token(environ, cookie)
        try:
            found = await accounts.viewer(token) if token else None
        except OneHourError as error:
            raise Refused(error.message, {"code": error.code}) from error
        if found:
            account, _ = found
            await server.save_session(sid, {"account": account.id})
            await server.enter_room(sid, f"account:{account.id}")

    async def watch(sid: str, data: object) -> Mapping[str, object]:
        """Anybody may hear that the free hours of a developer have changed."""
        developer = data.get("developer") if isinstance(data, dict) else None
        if not isinstance(developer, str) or not DEVELOPER.fullmatch(developer):
            return {"ok": False, "code": "invalid", "detail": "Name a developer."}
        for room in server.rooms(sid):  # one page, one developer
            if room.startswith("developer:"):
                await server.leave_room(sid, room)
        await server.enter_room(sid, f"developer:{developer}")
        return {"ok": True}

    server.on("connect", connect)
    server.on("slots:watch", acknowledged(watch))
    server.on("*", unknown)
    return server


def acknowledged(handler: Handler) -> Handler:
    """Whatever a handler does, the browser gets an answer."""

    async def answered(sid: str, data: object = None) -> Mapping[str, object]:
        try:
            return await handler(sid, data) or {"ok": True}
        except OneHourError as error:
            return {"ok": False, "code": error.code, "detail": error.message}
        except Exception:
            log.exception("socket handler failed")
            return {"ok": False, "code": "internal", "detail": "Something went wrong."}

    return answered


async def unknown(event: str, sid: str, *_: Any) -> Mapping[str, object]:
    return {"ok": False, "code": "unknown_event", "detail": f"There is no event {event[:40]}."}


def _token(environ: Mapping[str, str], name: str) -> str | None:
    try:
        morsel = SimpleCookie(environ.get("HTTP_COOKIE", "")).get(name)
    except CookieError:
        return None
    value = morsel.value if morsel else ""
    return value.removeprefix(SESSION) if value.startswith(SESSION) else None
