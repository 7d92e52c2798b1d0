"""Sessions in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from adapters.memory.repositories.repository import yield_control
from adapters.memory.tables import Table, TableAccess
from core.accounts import Account, AccountId
from core.sessions import Session
from ports.accounts import Sessions
from ports.store import Duplicate


class MemorySessions(Sessions):
    def __init__(self, tables: TableAccess) -> None:
        self._table: Table[Session] = Table(tables, "sessions")
        self._accounts: Table[Account] = Table(tables, "accounts")

    async def find(self, session_id: str) -> Session | None:
        await yield_control()
        return self._table.find(session_id)

    async def with_accounts(self, session_ids: Sequence[str]) -> dict[str, tuple[Account, Session]]:
        await yield_control()
        found = dict[str, tuple[Account, Session]]()
        for session_id in session_ids:
            session = self._table.find(session_id)
            account = self._accounts.find(session.account_id) if session else None
            if session and account:
                found[session_id] = account, session
        return found

    async def outdated(self, known: Collection[tuple[Account, Session]]) -> set[str]:
        await yield_control()
        return {
            session.id
            for account, session in known
            if self._table.find(session.id) is None or self._version(account.id) != account.version
        }

    def _version(self, account_id: str) -> int | None:
        account = self._accounts.find(account_id)
        return account.version if account else None

    async def of_account(self, account_id: AccountId) -> Sequence[Session]:
        await yield_control()
        found = (session for session in self._table.all() if session.account_id == account_id)
        return sorted(found, key=lambda session: session.seen_at, reverse=True)

    async def add(self, session: Session) -> None:
        await yield_control()
        if self._table.find(session.id) is not None:
            raise self._table.tables.abort(Duplicate())
        self._table.put(session.id, session)

    async def touch(self, session_id: str, *, now: datetime) -> None:
        await yield_control()
        session = self._table.find(session_id)
        if session is not None:
            self._table.put(session_id, replace(session, seen_at=max(now, session.seen_at)))

    async def verify(self, session_id: str, *, now: datetime) -> None:
        await yield_control()
        session = self._table.find(session_id)
        if session is not None:
            self._table.put(session_id, replace(session, verified_at=now))

    async def renew(self, session_id: str, *, generation: int, client: str, now: datetime) -> bool:
        await yield_control()
        session = self._table.find(session_id)
        if session is None or session.generation != generation:
            return False
        self._table.put(session_id, session.renew(client=client, now=now))
        return True

    async def remove(self, session_id: str) -> bool:
        await yield_control()
        if self._table.find(session_id) is None:
            return False
        self._table.delete(session_id)
        return True
