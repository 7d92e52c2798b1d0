"""Accounts, their sessions and codes, and how passwords are kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from core.accounts import Account, AccountId, Code, Session


class Accounts(Protocol):
    """One account per folded e-mail address: adding a second raises `EmailTaken`."""

    async def get(self, account_id: AccountId) -> Account: ...
    async def find(self, account_id: AccountId) -> Account | None: ...
    async def find_by_email(self, email: str) -> Account | None: ...
    async def add(self, account: Account) -> Account: ...
    async def save(self, account: Account) -> Account: ...


class Sessions(Protocol):
    """Signed-in browsers, found by the hash of their cookie."""

    async def find(self, session_id: str) -> Session | None: ...
    async def add(self, session: Session) -> None: ...
    async def touch(self, session_id: str, *, now: datetime) -> None: ...
    async def remove(self, session_id: str) -> None: ...


class Codes(Protocol):
    """Mailed codes. Tries are counted atomically: of many parallel guesses only the allowed
    number ever sees the digest."""

    async def find(self, code_id: str) -> Code | None: ...
    async def put(self, code: Code) -> None:
        """A new code takes the place of the one before."""
        ...

    async def take_try(self, code_id: str, *, now: datetime) -> Code | None:
        """Use up one try; None when there is no living code with a try left."""
        ...

    async def remove(self, code_id: str) -> None: ...


class Throttles(Protocol):
    """Counters in a window of time; they outlive a restart and a flush of any cache."""

    async def count(self, key: str, *, window: timedelta, now: datetime) -> int:
        """One more; the number counted in the running window, this one included."""
        ...

    async def counted(self, key: str, *, now: datetime) -> int: ...
    async def clear(self, key: str) -> None: ...


class Passwords(Protocol):
    """Turns passwords into hashes that are dear to guess, without stopping the event loop."""

    async def hash(self, password: str) -> str: ...
    async def matches(self, password: str, hashed: str | None) -> bool:
        """With `hashed` None does the same work and says no, so that nothing is told by time."""
        ...
