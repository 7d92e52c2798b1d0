"""Sessions in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from adapters.memory.repositories.collection import pause
from adapters.memory.tables import Rows, View
from core.accounts import AccountId
from core.sessions import Session
from ports.accounts import Sessions
from ports.store import Duplicate


class MemorySessions(Sessions):
    def __init__(self, view: View) -> None:
        self._rows: Rows[Session] = Rows(view, "sessions")

    async def find(self, session_id: str) -> Session | None:
        await pause()
        return self._rows.find(session_id)

    async def of_account(self, account_id: AccountId) -> Sequence[Session]:
        await pause()
        found = (session for session in self._rows.all() if session.account_id == account_id)
        return sorted(found, key=lambda session: session.seen_at, reverse=True)

    async def add(self, session: Session) -> None:
        await pause()
        if self._rows.find(session.id) is not None:
            raise self._rows.view.spoil(Duplicate())
        self._rows.put(session.id, session)

    async def touch(self, session_id: str, *, now: datetime) -> None:
        await pause()
        session = self._rows.find(session_id)
        if session is not None:
            self._rows.put(session_id, replace(session, seen_at=max(now, session.seen_at)))

    async def verify(self, session_id: str, *, now: datetime) -> None:
        await pause()
        session = self._rows.find(session_id)
        if session is not None:
            self._rows.put(session_id, replace(session, verified_at=now))

    async def renew(self, session_id: str, *, generation: int, now: datetime) -> bool:
        await pause()
        session = self._rows.find(session_id)
        if session is None or session.generation != generation:
            return False
        self._rows.put(session_id, replace(session, generation=generation + 1, seen_at=now))
        return True

    async def remove(self, session_id: str) -> bool:
        await pause()
        if self._rows.find(session_id) is None:
            return False
        self._rows.drop(session_id)
        return True
