"""Finds the sessions of socket events: those of all events that arrive while one read is in flight
are found together by the next one. Each event is still authorised by what is stored after it
came."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from core.accounts import Account
from services.accounts import KnownSessions

Waiting = asyncio.Future[Account | None]
BATCH = 200
"""Sessions of one read, so that the first ones of many do not wait for all."""


@dataclass(slots=True)
class SocketSessions:
    """One per process."""

    sessions: KnownSessions
    _waiting: dict[str, list[Waiting]] = field(default_factory=dict)
    _running: asyncio.Task[None] | None = None

    async def find(self, session_id: str) -> Account | None:
        """The account of the session; None when it has ended. Raises `DatabaseUnavailable`."""
        found: Waiting = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(session_id, []).append(found)
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return await found

    async def _run(self) -> None:
        try:
            while self._waiting:
                batch = dict(islice(self._waiting.items(), BATCH))
                for session_id in batch:
                    del self._waiting[session_id]
                await self._load(batch)
        finally:
            self._running = None

    async def _load(self, batch: Mapping[str, Sequence[Waiting]]) -> None:
        try:
            active = await self.sessions.resume_each(list(batch))
        except Exception as error:
            for found in _still_waiting(batch.values()):
                found.set_exception(error)
            return
        for session_id, waiting in batch.items():
            account = active[session_id][0] if session_id in active else None
            for found in _still_waiting([waiting]):
                found.set_result(account)


def _still_waiting(batch: Iterable[Sequence[Waiting]]) -> Iterator[Waiting]:
    """Those whose event has not ended meanwhile."""
    return (found for waiting in batch for found in waiting if not found.done())
