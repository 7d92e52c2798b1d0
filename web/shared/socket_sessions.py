"""Loads the sessions of socket events: those of all events that arrive while one read is in flight
are loaded together by the next one. Each event is still authorised by what is stored after it
came."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from core.accounts import Account
from services.accounts import SessionService

BATCH = 200
"""Sessions of one read, so that the first ones of many do not wait for all."""


@dataclass(slots=True)
class SocketSessions:
    """One per process."""

    sessions: SessionService
    _waiting: dict[str, asyncio.Future[Account | None]] = field(default_factory=dict)
    _running: asyncio.Task[None] | None = None

    async def find(self, session_id: str) -> Account | None:
        """The account of the session; None when it has ended. Raises `DatabaseUnavailable`."""
        found = self._waiting.get(session_id)
        if found is None:
            found = self._waiting[session_id] = asyncio.get_running_loop().create_future()
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return await asyncio.shield(found)

    async def _run(self) -> None:
        try:
            while self._waiting:
                batch = dict(islice(self._waiting.items(), BATCH))
                for session_id in batch:
                    del self._waiting[session_id]
                await self._load(batch)
        finally:
            self._running = None

    async def _load(self, batch: dict[str, asyncio.Future[Account | None]]) -> None:
        try:
            active = await self.sessions.resume_each(list(batch))
        except Exception as error:
            _fail(list(batch.values()), error)
            return
        for session_id, found in batch.items():
            found.set_result(active[session_id][0] if session_id in active else None)


def _fail(waiting: Sequence[asyncio.Future[Account | None]], error: Exception) -> None:
    for found in waiting:
        found.set_exception(error)
        found.exception()  # its event may have ended meanwhile
