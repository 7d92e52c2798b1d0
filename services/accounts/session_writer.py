"""Writes sessions and their audit entries: creation, renewal and end.

The methods run inside the caller's transaction and call repositories only.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from enum import StrEnum

from core.accounts import Account, AccountActivity, AccountId, Suspended
from core.accounts_messages import AccountEmail
from core.audit import audit_message
from core.live import SessionEnded
from core.outbox import OutboxMessage, message
from core.sessions import Caller, Kind, Session, SessionOver
from ports.clock import Clock, Ids
from ports.store import Repositories, Stale

MAX_SESSIONS = 100
"""Sessions per account; one more ends the least recently used one. All sessions of an account are
ended in one transaction, so their number must be bounded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionWriter:
    clock: Clock
    ids: Ids

    async def create_browser_session(
        self,
        repositories: Repositories,
        account: Account,
        caller: Caller,
        *,
        how: str,
        verified: bool,
    ) -> str:
        """Create a browser session; returns the value of its cookie, which is not stored.

        `how` names the sign-in method for the audit entry; `verified`: a one-time code was entered.
        """
        token = self.ids.secret()
        session = self._session(session_id(token), account, caller, verified=verified)
        await self._add(repositories, session)
        await repositories.outbox.add(
            self._session_entry(session, caller, AccountActivity.SIGNED_IN, how=how)
        )
        return token

    async def create_pending_session(
        self, repositories: Repositories, account: Account, caller: Caller
    ) -> str:
        """Create a session that gives no access until the second factor is verified; returns the
        value of its cookie."""
        token = self.ids.secret()
        session = self._session(session_id(token), account, caller, verified=False)
        await self._add(repositories, replace(session, kind=Kind.PENDING))
        return token

    async def create_program_session(
        self, repositories: Repositories, account: Account, caller: Caller
    ) -> Session:
        """Create the session of an API client; its tokens carry the session id."""
        session = self._session(self.ids.new("fam"), account, caller, verified=False)
        session = replace(session, kind=Kind.PROGRAM)
        await self._add(repositories, session)
        await repositories.outbox.add(
            self._session_entry(session, caller, AccountActivity.TOKEN_ISSUED, how="password")
        )
        return session

    async def _add(self, repositories: Repositories, session: Session) -> None:
        for unused in (await repositories.sessions.of_account(session.account_id))[
            MAX_SESSIONS - 1 :
        ]:
            await self.remove(repositories, unused)
        await repositories.sessions.add(session)

    async def renew(self, repositories: Repositories, session: Session) -> str:
        """Give the session a new cookie, after a change of its rights or of the account.

        Returns the value of the cookie. Its sockets get no `SessionEnded`; they reconnect with
        the new cookie. The session of an API client is not changed, and "" is returned, because
        its tokens carry its id. Raises `SessionOver` when the session has been ended meanwhile.
        """
        if session.kind is Kind.PROGRAM:
            return ""
        token = self.ids.secret()
        if not await repositories.sessions.remove(session.id):
            raise SessionOver
        await repositories.sessions.add(replace(session, id=session_id(token)))
        return token

    async def end(
        self,
        repositories: Repositories,
        session: Session,
        caller: Caller,
        what: AccountActivity,
    ) -> None:
        """End the session and record `what` as its audit entry."""
        await self.remove(repositories, session)
        await repositories.outbox.add(
            self._session_entry(session, caller, what, browser=session.device)
        )

    async def end_all(
        self, repositories: Repositories, account_id: AccountId, *, keep: str = ""
    ) -> int:
        """End all sessions, of browsers and API clients, except `keep`; returns how many ended."""
        found = [s for s in await repositories.sessions.of_account(account_id) if s.id != keep]
        for session in found:
            await self.remove(repositories, session)
        return len(found)

    async def remove(self, repositories: Repositories, session: Session) -> None:
        """Delete the session and enqueue the closing of its sockets."""
        await repositories.sessions.remove(session.id)
        await repositories.outbox.add(
            message(SessionEnded(session.id), session.name, due_at=self.clock.now())
        )

    async def require_unchanged(self, repositories: Repositories, account: Account) -> Account:
        """The current account, after its password was verified outside the transaction.

        Raises `Suspended` or `Stale` when the account was suspended or its password changed while
        the password was being hashed.
        """
        current = await repositories.accounts.get(account.id)
        if current.suspended:
            raise Suspended
        if current.password_hash != account.password_hash:
            raise Stale
        return current

    def audit_message(
        self, account: Account, caller: Caller, what: StrEnum, *, actor: str = "", **detail: str
    ) -> OutboxMessage:
        """An audit entry of the account, to add in the transaction of the change it records.

        `actor` is the id of the acting account, by default the account itself. `detail` is shown
        to the account's owner and to administrators.
        """
        now = self.clock.now()
        return audit_message(
            what,
            f"{account.id}:{what}:{self.ids.new('aud')}",
            account=account.id,
            actor=actor or account.id,
            at=now,
            address=caller.place,
            device=caller.device,
            **detail,
        )

    def security_notice(
        self,
        account: Account,
        template: str,
        *,
        email: str = "",
        left: str = "",
        new: str = "",
        provider: str = "",
    ) -> OutboxMessage:
        """An e-mail about a security change, to the account's address or to `email`. The one to the
        account's address is also an entry of its notifications.

        `template` is its name. It can show the number of recovery codes `left`, the `new` address
        and the label of the identity `provider`.
        """
        fact, now = self.ids.new("ntc"), self.clock.now()
        notice = AccountEmail(
            template,
            email or account.email,
            account.timezone,
            fact=fact,
            at=now,
            left=left,
            new=new,
            provider=provider,
            account="" if email else account.id,
        )
        return message(notice, f"{account.id}:{template}:{fact}", due_at=now)

    def _session(self, name: str, account: Account, caller: Caller, *, verified: bool) -> Session:
        now = self.clock.now()
        return Session(
            id=name,
            account_id=account.id,
            csrf_seed=caller.visit,
            created_at=now,
            seen_at=now,
            device=caller.device,
            place=caller.place,
            verified_at=now if verified else None,
        )

    def _session_entry(
        self, session: Session, caller: Caller, what: AccountActivity, **detail: str
    ) -> OutboxMessage:
        return audit_message(
            what,
            f"{session.name}:{what}",
            account=session.account_id,
            at=self.clock.now(),
            address=caller.place,
            device=caller.device,
            **detail,
        )


def session_id(token: str) -> str:
    """SHA-256 of the cookie's token: a reader of the database cannot take over a session."""
    return hashlib.sha256(token.encode()).hexdigest()
