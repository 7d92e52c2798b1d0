"""Live updates over Socket.IO.

A message only tells a page to reload its data, so a lost message causes no inconsistency.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import redis.asyncio as aioredis
import socketio
from engineio import packet as eio_packet
from socketio import packet

from ports.live import Live
from web.shared.socket_packets import Json

log = logging.getLogger(__name__)

ENDED = "session:ended"
TIMEOUT_S = 2.0
QUEUE_SIZE = 10_000
BATCH = 200
SUBSCRIBED_WITHIN_S = 5.0
"""How long a start waits for Redis."""


class PipelinedManager(socketio.AsyncRedisManager):  # type: ignore[misc]
    """Publishes through one bounded queue and few connections.

    The base class opens a connection per concurrent publish and drops messages under load.
    A batch is lost when Redis is unavailable, as in the base class. Events have no binary data, so
    none is looked for, and what this process has published is not parsed when it comes back.
    """

    json = Json
    heard: Mapping[str, Callable[[Any], None]] = {}
    """What this process does with the data of events, whichever process has published them."""

    def _redis_connect(self) -> None:
        pool = aioredis.BlockingConnectionPool.from_url(
            self.redis_url, max_connections=8, timeout=10
        )
        self.redis = aioredis.Redis(connection_pool=pool)
        self.pubsub = self.redis.pubsub(ignore_subscribe_messages=True)
        self.connected = True

    async def emit(
        self,
        event: str,
        data: Any,
        namespace: str | None = None,
        room: Any = None,
        skip_sid: Any = None,
        callback: Any = None,
        **how: Any,
    ) -> None:
        if callback is not None or how:
            await super().emit(event, data, namespace, room, skip_sid, callback, **how)
            return
        message = {
            "method": "emit",
            "event": event,
            "data": [data],
            "binary": False,
            "namespace": namespace or "/",
            "room": room,
            "skip_sid": skip_sid,
            "callback": None,
            "host_id": self.host_id,
        }
        await self._handle_emit(message)
        await self._publish(message)

    async def _listen(self) -> AsyncIterator[bytes]:
        own = f'"host_id":"{self.host_id}"'.encode()
        async for message in super()._listen():
            if own not in message:
                yield message

    async def _handle_emit(self, message: Mapping[str, Any]) -> None:
        """Runs in every process, for its own sockets."""
        if message.get("callback") or message.get("binary"):
            await super()._handle_emit(message)
        else:
            deliver(self, message)
        heard = self.heard.get(message["event"])
        if heard:
            heard(message["data"][0])
        await close_ended_sessions(self, message["event"], message.get("room"))

    async def _publish(self, data: Mapping[str, object]) -> None:
        queue: asyncio.Queue[str] | None = getattr(self, "_queue", None)
        if queue is None:
            queue = asyncio.Queue[str](QUEUE_SIZE)
            self._queue = queue
            self._draining = asyncio.create_task(self._drain(queue))
        try:
            queue.put_nowait(self.json.dumps(data))
        except asyncio.QueueFull:
            log.warning("the queue of live messages is full; a message is dropped")

    async def _drain(self, queue: asyncio.Queue[str]) -> None:
        task = asyncio.current_task()
        # The client of Redis swallows a cancellation while it connects: then it counts here.
        while task and not task.cancelling():
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


async def subscribed(manager: socketio.AsyncManager) -> None:
    """Wait until the manager receives what other processes send, at most some seconds, so that no
    client connects before. Without Redis it goes on, and subscribes when Redis is back."""
    end = time.monotonic() + SUBSCRIBED_WITHIN_S
    while time.monotonic() < end:
        pubsub = getattr(manager, "pubsub", None)
        if not isinstance(manager, PipelinedManager) or (pubsub and pubsub.subscribed):
            return
        await asyncio.sleep(0.01)


class LocalManager(socketio.AsyncManager):  # type: ignore[misc]
    """For a single process without Redis."""

    async def emit(
        self,
        event: str,
        data: Any,
        namespace: str,
        room: Any = None,
        skip_sid: Any = None,
        callback: Any = None,
        **how: Any,
    ) -> None:
        if callback is not None or how:
            await super().emit(event, data, namespace, room, skip_sid, callback, **how)
            return
        message = {"event": event, "data": [data], "namespace": namespace}
        deliver(self, {**message, "room": room, "skip_sid": skip_sid})
        await close_ended_sessions(self, event, room)


def deliver(manager: socketio.AsyncManager, message: Mapping[str, Any]) -> None:
    """Let an event wait to be sent to each socket of a room in this process. It is encoded once,
    and needs no task for each socket as in the library."""
    namespace = message["namespace"]
    if manager.server is None or namespace not in manager.rooms:
        return
    sockets = manager.server.eio.sockets
    found = [
        sockets[eio_sid]
        for sid, eio_sid in manager.get_participants(namespace, message["room"])
        if sid != message["skip_sid"] and eio_sid in sockets
    ]
    if not found:
        return
    event = manager.server.packet_class(
        packet.EVENT, namespace=namespace, data=[message["event"], *message["data"]]
    )
    waiting = eio_packet.Packet(eio_packet.MESSAGE, event.encode())
    for socket in found:
        if not socket.closed:
            socket.queue.put_nowait(waiting)


async def close_ended_sessions(manager: socketio.AsyncManager, event: str, room: Any) -> None:
    """Close the sockets of an ended session, after they got the event."""
    if event != ENDED or not room or manager.server is None:
        return
    for sid, _ in list(manager.get_participants("/", room)):
        await manager.server.disconnect(sid, ignore_queue=True)


class SocketLive(Live):
    """Publishes to rooms through a Socket.IO manager: the server's, or a write-only one."""

    def __init__(self, manager: socketio.AsyncManager) -> None:
        self._manager = manager

    async def publish(self, room: str, event: str, data: Mapping[str, object]) -> None:
        try:
            async with asyncio.timeout(TIMEOUT_S):
                await self._manager.emit(event, dict(data), namespace="/", room=room)
        except Exception as error:
            log.warning("live message to %s was not published: %r", room, error)
