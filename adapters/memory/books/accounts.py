"""Accounts, sessions, codes and throttles in memory."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from adapters.memory.books.collection import Collection, pause
from adapters.memory.tables import Rows, View
from core.accounts import Account, Code, EmailTaken, Session
from ports.accounts import Accounts, Codes, Sessions, Throttles
from ports.store import Duplicate


class MemoryAccounts(Collection[Account], Accounts):
    name = "accounts"
    taken = EmailTaken

    def claims(self, entity: Account) -> Sequence[Hashable]:
        return (entity.email,)

    async def find_by_email(self, email: str) -> Account | None:
        await pause()
        return next((account for account in self.rows.all() if account.email == email), None)


class MemorySessions(Sessions):
    def __init__(self, view: View) -> None:
        self._rows: Rows[Session] = Rows(view, "sessions")

    async def find(self, session_id: str) -> Session | None:
        await pause()
        return self._rows.find(session_id)

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

    async def remove(self, session_id: str) -> None:
        await pause()
        self._rows.drop(session_id)


class MemoryCodes(Codes):
    def __init__(self, view: View) -> None:
        self._rows: Rows[Code] = Rows(view, "codes")

    async def find(self, code_id: str) -> Code | None:
        await pause()
        return self._rows.find(code_id)

    async def put(self, code: Code) -> None:
        await pause()
        self._rows.put(code.id, code)

    async def take_try(self, code_id: str, *, now: datetime) -> Code | None:
        await pause()
        code = self._rows.find(code_id)
        if code is None or code.tries_left <= 0 or code.expires_at <= now:
            return None
        left = replace(code, tries_left=code.tries_left - 1)
        self._rows.put(code_id, left)
        return left

    async def remove(self, code_id: str) -> None:
        await pause()
        self._rows.drop(code_id)


@dataclass(frozen=True, slots=True)
class Window:
    """A running count; a new one begins with the first event after `ends`."""

    count: int
    ends: datetime


class MemoryThrottles(Throttles):
    def __init__(self, view: View) -> None:
        self._rows: Rows[Window] = Rows(view, "throttles")

    async def count(self, key: str, *, window: timedelta, now: datetime) -> int:
        await pause()
        running = self._running(key, now) or Window(0, now + window)
        counted = replace(running, count=running.count + 1)
        self._rows.put(key, counted)
        return counted.count

    async def counted(self, key: str, *, now: datetime) -> int:
        await pause()
        running = self._running(key, now)
        return running.count if running else 0

    async def clear(self, key: str) -> None:
        await pause()
        self._rows.drop(key)

    def _running(self, key: str, now: datetime) -> Window | None:
        found = self._rows.find(key)
        return found if found is not None and found.ends > now else None
