"""A cache for documents of a provider, fetched when first needed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from ports.clock import Clock

T = TypeVar("T")


class CachedDocument(Generic[T]):
    """Concurrent callers share one fetch and its error. Errors are not cached."""

    def __init__(self, fetch: Callable[[], Awaitable[T]], clock: Clock) -> None:
        self._fetch, self._clock = fetch, clock
        self._found: tuple[datetime, T] | None = None
        self._running: asyncio.Task[T] | None = None

    async def get(self, *, younger_than: timedelta) -> T:
        """The document, fetched again if it is not younger. Raises what the fetch raises."""
        if self._found and self._clock.now() - self._found[0] < younger_than:
            return self._found[1]
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._renew())
        # A cancelled caller must not cancel the fetch of the others.
        return await asyncio.shield(self._running)

    async def _renew(self) -> T:
        document = await self._fetch()
        self._found = self._clock.now(), document
        return document
