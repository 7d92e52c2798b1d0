"""Repositories of accounts and sessions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from core.accounts import Account, AccountId
from core.sessions import Session

CHANGES_KEPT = timedelta(minutes=15)
"""How long `Sessions.outdated` knows of changes at least."""


class Accounts(Protocol):
    """One account per e-mail address: `add` and `save` raise `EmailTaken` for a second one."""

    async def get(self, account_id: AccountId) -> Account: ...
    async def find(self, account_id: AccountId) -> Account | None: ...
    async def many(self, account_ids: Sequence[str]) -> dict[str, Account]:
        """The accounts by id, without those that do not exist."""
        ...

    async def find_by_email(self, email: str) -> Account | None: ...
    async def add(self, account: Account) -> Account: ...
    async def save(self, account: Account) -> Account: ...
    async def other_administrator(self, account_id: AccountId) -> Account | None:
        """An account other than this one that `can_administer`, if there is one."""
        ...

    async def administrators(self, *, limit: int) -> tuple[Account, ...]:
        """The accounts that `can_administer`, by id."""
        ...

    async def named(self, words: Collection[str], *, limit: int) -> tuple[Account, ...]:
        """Accounts whose names have all these words (`core.accounts.name_words`), by id; none
        without words."""
        ...

    async def page(
        self, *, start: str, limit: int, cursor: str | None
    ) -> tuple[tuple[Account, ...], str | None]:
        """Accounts whose address starts with `start`, sorted by address, and the next cursor."""
        ...


class Sessions(Protocol):
    """Sessions of browsers and API clients. One account has few."""

    async def find(self, session_id: str) -> Session | None: ...
    async def with_accounts(self, session_ids: Sequence[str]) -> dict[str, tuple[Account, Session]]:
        """Those that exist and their accounts, by id of the session, in one query: every request
        needs both."""
        ...

    async def outdated(self, known: Collection[tuple[Account, Session]]) -> set[str]:
        """The ids of those sessions that were removed, or whose accounts were saved, after they
        were read, at most `CHANGES_KEPT` ago; perhaps further ones. Cheaper than to read them all
        again. Other changes of a session do not count."""
        ...

    async def of_account(self, account_id: AccountId) -> Sequence[Session]:
        """All stored sessions of an account, expired ones included, the last used first."""
        ...

    async def add(self, session: Session) -> None: ...
    async def touch(self, session_id: str, *, now: datetime) -> None:
        """Set `seen_at` to `now`, unless it is later already."""
        ...

    async def verify(self, session_id: str, *, now: datetime) -> None:
        """Set `verified_at`: a one-time code was entered at `now`."""
        ...

    async def renew(self, session_id: str, *, generation: int, client: str, now: datetime) -> bool:
        """Compare and set the generation to the next one, with `renewed_at`, `renewed_by` and
        `seen_at`; False if it is not `generation`. Of concurrent calls one returns True."""
        ...

    async def remove(self, session_id: str) -> bool:
        """Whether there was one. Of two concurrent removals one returns True."""
        ...
