"""Accounts, and who is signed in to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from core.accounts import Account, AccountId
from core.sessions import Session


class Accounts(Protocol):
    """One account per folded e-mail address: adding a second raises `EmailTaken`."""

    async def get(self, account_id: AccountId) -> Account: ...
    async def find(self, account_id: AccountId) -> Account | None: ...
    async def find_by_email(self, email: str) -> Account | None: ...
    async def add(self, account: Account) -> Account: ...
    async def save(self, account: Account) -> Account: ...
    async def page(
        self, *, start: str, limit: int, cursor: str | None
    ) -> tuple[tuple[Account, ...], str | None]:
        """Accounts whose address begins with `start`, by address; and the next cursor."""
        ...


class Sessions(Protocol):
    """Signed-in browsers and programs, found by id; a list of one account's is short."""

    async def find(self, session_id: str) -> Session | None: ...
    async def of_account(self, account_id: AccountId) -> Sequence[Session]:
        """All that are kept, also those whose time is over; the latest seen first."""
        ...

    async def add(self, session: Session) -> None: ...
    async def touch(self, session_id: str, *, now: datetime) -> None: ...
    async def verify(self, session_id: str, *, now: datetime) -> None:
        """A one-time code was entered here just now."""
        ...

    async def renew(self, session_id: str, *, generation: int, now: datetime) -> bool:
        """From this generation to the next; False when it is no longer this one."""
        ...

    async def remove(self, session_id: str) -> bool:
        """Whether there was one. Of two steps that remove the same one, one succeeds."""
        ...
