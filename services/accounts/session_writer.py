"""What signing in and out writes: sessions, their end, and a line in the person's activity.

Steps that run inside a transaction; they call nothing outside the books.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from core.accounts import Account, AccountEmail, AccountId, Suspended
from core.audit import audit_message
from core.live import SessionEnded
from core.outbox import OutboxMessage, message
from core.sessions import Caller, Kind, Session, SessionOver
from ports.clock import Clock, Ids
from ports.store import Repositories, Stale

MAX_SESSIONS = 100
"""Sessions of an account. One more ends the one seen longest ago: ending them all is one step,
and a thief who opens thousands must not make it too long to succeed."""


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
        """A new session; returns the value of its cookie, which is kept nowhere."""
        token = self.ids.secret()
        session = self._session(session_id(token), account, caller, verified=verified)
        await self._add(repositories, session)
        await repositories.outbox.add(self._noted(session, caller, "signed_in", how=how))
        return token

    async def create_pending_session(
        self, repositories: Repositories, account: Account, caller: Caller
    ) -> str:
        """The password was right, and a second factor is owed: opens nothing yet."""
        token = self.ids.secret()
        session = self._session(session_id(token), account, caller, verified=False)
        await self._add(repositories, replace(session, kind=Kind.PENDING))
        return token

    async def create_program_session(
        self, repositories: Repositories, account: Account, caller: Caller
    ) -> Session:
        """A family of tokens; renewed until it ends."""
        session = self._session(self.ids.new("fam"), account, caller, verified=False)
        session = replace(session, kind=Kind.PROGRAM)
        await self._add(repositories, session)
        await repositories.outbox.add(self._noted(session, caller, "token_issued", how="password"))
        return session

    async def _add(self, repositories: Repositories, session: Session) -> None:
        for unused in (await repositories.sessions.of_account(session.account_id))[
            MAX_SESSIONS - 1 :
        ]:
            await self.remove(repositories, unused)
        await repositories.sessions.add(session)

    async def renew(self, repositories: Repositories, session: Session) -> str:
        """The same session under a new cookie: after a change of what it may do, or who it is.

        Its sockets are not told of an end, since there is none; they come back under the new
        cookie. A program's goes on as it is, and "" is returned: its tokens carry its id. Raises
        `SessionOver` when somebody has ended it meanwhile.
        """
        if session.kind is Kind.PROGRAM:
            return ""
        token = self.ids.secret()
        if not await repositories.sessions.remove(session.id):
            raise SessionOver
        await repositories.sessions.add(replace(session, id=session_id(token)))
        return token

    async def end(
        self, repositories: Repositories, session: Session, caller: Caller, what: str
    ) -> None:
        await self.remove(repositories, session)
        await repositories.outbox.add(self._noted(session, caller, what, browser=session.device))

    async def end_all(
        self, repositories: Repositories, account_id: AccountId, *, keep: str = ""
    ) -> int:
        """Every session but the one to `keep`, browsers and programs alike; how many ended."""
        found = [s for s in await repositories.sessions.of_account(account_id) if s.id != keep]
        for session in found:
            await self.remove(repositories, session)
        return len(found)

    async def remove(self, repositories: Repositories, session: Session) -> None:
        """Its row goes now, and its open sockets a moment later."""
        await repositories.sessions.remove(session.id)
        await repositories.outbox.add(
            message(SessionEnded(session.id), session.name, due_at=self.clock.now())
        )

    async def require_unchanged(self, repositories: Repositories, account: Account) -> Account:
        """Somebody whose first factor was right a moment ago, as they are now. Hashing takes a
        while: who was suspended or got another password in between is let in by nothing old.
        Raises `Suspended` or `Stale`."""
        current = await repositories.accounts.get(account.id)
        if current.suspended:
            raise Suspended
        if current.password_hash != account.password_hash:
            raise Stale
        return current

    def audit_message(
        self, account: Account, caller: Caller, what: str, *, actor: str = "", **detail: str
    ) -> OutboxMessage:
        """A line of the person's activity, owed with the state it tells of."""
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
        letter: str,
        *,
        email: str = "",
        left: str = "",
        new: str = "",
        provider: str = "",
    ) -> OutboxMessage:
        """An e-mail about a change, to the account's address or to `email`. What it may show:
        recovery codes `left`, the `new` address, the identity `provider`."""
        fact, now = self.ids.new("ntc"), self.clock.now()
        notice = AccountEmail(
            letter,
            email or account.email,
            account.timezone,
            fact=fact,
            at=now,
            left=left,
            new=new,
            provider=provider,
        )
        return message(notice, f"{account.id}:{letter}:{fact}", due_at=now)

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

    def _noted(self, session: Session, caller: Caller, what: str, **detail: str) -> OutboxMessage:
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
    """Only a hash is kept: who reads the database cannot take over a session."""
    return hashlib.sha256(token.encode()).hexdigest()
