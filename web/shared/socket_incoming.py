"""What one socket has sent and what is not handled yet: in order, one packet at a time, so that a
socket with many events gets no larger share of the process than one with few.

A client that waits for answers never comes near the limits.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

WAITING_PACKETS, WAITING_CHARACTERS = 100, 1_000_000
"""What may wait of one socket. It is cut when there is more; nothing of that is handled."""
REFUSED_EVENTS, REFUSED_WITHIN_S = 100, 60.0
"""Events that no handler takes, of one socket in so many seconds. It is cut when there are more."""
LAST_PACKETS, LAST_S = 10, 2.0
"""What is still handled of a client that has gone: a page that is left sends some. Nothing is when
more waits, or after these seconds."""

Handle = Callable[[str], Awaitable[None]]
"""Handles one packet. It does not raise."""


class IncomingPackets:
    """Those of one socket. `on_full` is called once, when too much waits."""

    def __init__(self, handle: Handle, on_full: Callable[[], None]) -> None:
        self._handle, self._on_full = handle, on_full
        self._waiting = deque[str]()
        self._characters = 0
        self._handling: asyncio.Task[None] | None = None
        self._refused, self._refused_since = 0, 0.0
        self.has_ended = False

    def put(self, packet: str) -> None:
        """Handle it after those that wait."""
        if self.has_ended:
            return
        self._waiting.append(packet)
        self._characters += len(packet)
        if len(self._waiting) > WAITING_PACKETS or self._characters > WAITING_CHARACTERS:
            self.end()
            self._on_full()
        elif self._handling is None:
            self._handling = asyncio.create_task(self._handle_waiting())

    def end(self) -> None:
        """Drop what waits, and what is still put. The packet that is being handled is finished."""
        self.has_ended = True
        self._waiting.clear()

    async def finish(self) -> None:
        """The client has gone: handle the last packets, then end."""
        handling = self._handling if 0 < len(self._waiting) <= LAST_PACKETS else None
        if handling and handling is not asyncio.current_task():
            await asyncio.wait({handling}, timeout=LAST_S)
        self.end()

    def may_be_refused(self, now: float) -> bool:
        """Count an event that no handler takes: whether the socket may stay. `now` in seconds."""
        if now - self._refused_since >= REFUSED_WITHIN_S:
            self._refused, self._refused_since = 0, now
        self._refused += 1
        return self._refused <= REFUSED_EVENTS

    async def _handle_waiting(self) -> None:
        try:
            while self._waiting:
                packet = self._waiting.popleft()
                self._characters -= len(packet)
                await self._handle(packet)
                if self._waiting:
                    await asyncio.sleep(0)  # some answers need no waiting: others have their turn
        finally:
            self._handling = None
