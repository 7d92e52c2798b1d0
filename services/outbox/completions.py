"""Marks messages as done, or removes them, those that end at about the same time in one write."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from core.outbox import OutboxId
from ports.clock import Clock
from ports.store import Store

Write = Callable[[list[OutboxId]], Awaitable[int]]


@dataclass
class Batch:
    """Messages of one write. `written` has the result."""

    ids: list[OutboxId] = field(default_factory=list)
    written: asyncio.Event = field(default_factory=asyncio.Event)
    error: Exception | None = None


class Completions:
    """Of the messages that were claimed together. What ends while a write is in progress goes out
    with the next one, so a batch of simple messages needs two or three writes."""

    def __init__(self, store: Store, clock: Clock, token: str) -> None:
        self.token = token
        outbox = store.repositories.outbox
        self._done = Writes(lambda ids: outbox.finish(*ids, token=token, now=clock.now()))
        self._removed = Writes(lambda ids: outbox.remove(*ids, token=token))

    async def add(self, message_id: OutboxId, *, kept: bool) -> None:
        """Returns when the message is marked as done, or removed if it is not `kept`. Raises what
        the write raises; the message then runs again when its lease has ended."""
        await (self._done if kept else self._removed).add(message_id)


class Writes:
    """Of one kind."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._next = Batch()
        self._writing: asyncio.Task[None] | None = None

    async def add(self, message_id: OutboxId) -> None:
        batch = self._next
        batch.ids.append(message_id)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        await batch.written.wait()
        if batch.error:
            raise batch.error

    async def _write_all(self) -> None:
        while self._next.ids:
            batch, self._next = self._next, Batch()
            try:
                await self._write(batch.ids)
            except Exception as error:
                batch.error = error
            batch.written.set()
        self._writing = None
