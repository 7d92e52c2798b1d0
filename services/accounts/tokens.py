"""Tokens for API clients: short-lived access tokens, and refresh tokens that are used once.

A refresh token is `<session id>.<generation>.<mac>` and is not stored; the MAC proves that it was
issued here. A token of an earlier generation was stolen or copied, so its use ends the session
(RFC 9700, section 4.14.2), unless it is a repeat by the same client, whose answer may have been
lost: that gets the same pair again. A forged token has no effect.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.accounts import Account, AccountActivity, AccountId
from core.accounts_policy import AccountPolicy
from core.codes import Code, Purpose
from core.errors import Forbidden
from core.factors import Factor
from core.sessions import Caller, Kind, Session
from ports.clock import Clock, Ids
from ports.store import Repositories, Store
from ports.tokens import Claims, TokenRefused, TokenSigner
from services.accounts.factors import FactorService
from services.accounts.session_writer import SessionWriter
from services.accounts.sessions import SessionService


class OtpNeeded(Forbidden):
    """A one-time code is needed: send it as `otp`."""

    code = "otp_required"


class RefreshRefused(Forbidden):
    """This refresh token is no longer valid. Sign in again."""

    code = "refresh_refused"


@dataclass(frozen=True, slots=True)
class Tokens:
    """`expires_in` is the lifetime of the access token."""

    access: str
    refresh: str
    expires_in: timedelta
    account: Account


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenService:
    """Issues, refreshes, revokes and verifies the tokens of API clients."""

    store: Store
    sessions: SessionService
    factors: FactorService
    session_writer: SessionWriter
    signer: TokenSigner
    clock: Clock
    ids: Ids
    policy: AccountPolicy
    key: bytes

    async def issue(
        self, *, email: str, password: str, otp: str | None, caller: Caller, code: str = ""
    ) -> Tokens:
        """Issue tokens for the password and, where the account requires it, the one-time code.
        `code` is that of the mailbox, where the network needs one; it is as good as an `otp` that
        was sent by e-mail.

        Raises `OtpNeeded` when the code is missing, after e-mailing it where codes are sent by
        e-mail. Otherwise raises as `PasswordChecks.check` and `FactorService.verify_code`.
        """
        checked = await self.sessions.password_checks.check(
            email=email, password=password, code=code, caller=caller
        )
        account = checked.account
        if checked.mailbox_code and account.factor is not Factor.TOTP:
            return await self._create_by_mail(account, checked.mailbox_code, caller)
        if account.factor is None and not await self.sessions.is_suspicious(account):
            return await self._create(account, caller)
        if not otp:
            await self._request_code(account)
            raise OtpNeeded
        return await self._issue_with_code(account, otp, caller)

    async def _create(self, account: Account, caller: Caller) -> Tokens:
        async def step(repositories: Repositories) -> Session:
            current = await self.session_writer.require_unchanged(repositories, account)
            if current.factor is not None:  # turned on while the password was checked
                raise OtpNeeded
            return await self.session_writer.create_program_session(repositories, current, caller)

        return self._tokens(account, await self.store.transact(step))

    async def _create_by_mail(self, account: Account, code: Code, caller: Caller) -> Tokens:
        async def step(repositories: Repositories) -> Session:
            current = await self.session_writer.require_unchanged(repositories, account)
            if current.factor is Factor.TOTP:  # turned on while the password was checked
                raise OtpNeeded
            await self.sessions.codes.consume(repositories, code)
            session = await self.session_writer.create_program_session(
                repositories, current, caller
            )
            await repositories.sessions.verify(session.id, now=self.clock.now())
            return session

        session = await self.store.transact(step)
        await self.sessions.rate_limits.reset_consecutive_failures(account.email)
        return self._tokens(account, session)

    async def _request_code(self, account: Account) -> None:
        await self.store.transact(
            lambda repositories: self.factors.request_code(
                repositories, Purpose.TOKEN, account.id, account
            )
        )

    async def _issue_with_code(self, account: Account, otp: str, caller: Caller) -> Tokens:
        if account.factor is Factor.TOTP:
            await self._request_code(account)
        proof = await self.factors.verify_code(Purpose.TOKEN, account.id, account, otp)

        async def step(repositories: Repositories) -> tuple[Account, Session]:
            await self.session_writer.require_unchanged(repositories, account)
            current = await self.factors.consume(repositories, proof, caller)
            session = await self.session_writer.create_program_session(
                repositories, current, caller
            )
            await repositories.sessions.verify(session.id, now=self.clock.now())
            return current, session

        current, session = await self.store.transact(step)
        await self.sessions.rate_limits.reset_consecutive_failures(current.email)
        return self._tokens(current, session)

    async def refresh(self, token: str, *, caller: Caller) -> Tokens:
        """The next pair of tokens; the same pair again for a repeat by the same client within
        `policy.refresh_repeat`. Other reuse of an earlier refresh token ends the session and
        notifies the owner. Raises `RefreshRefused`."""
        session_id, generation = self._parse_refresh(token)
        client, now = self._client(session_id, caller), self.clock.now()
        account, session = await self._program(session_id)
        if generation == session.generation:
            renewed = await self.store.repositories.sessions.renew(
                session_id, generation=generation, client=client, now=now
            )
            if renewed:
                return self._tokens(account, session.renew(client=client, now=now))
            account, session = await self._program(session_id)  # a concurrent request was first
        if not session.repeats(generation, client=client, now=now, policy=self.policy):
            await self._end_reused(account, session, caller)
            raise RefreshRefused
        return self._tokens(account, session)

    async def _program(self, session_id: str) -> tuple[Account, Session]:
        found = await self.sessions.find_active(session_id)  # `renew` updates `seen_at`
        if found is None or found[1].kind is not Kind.PROGRAM:
            raise RefreshRefused
        return found

    def _client(self, session_id: str, caller: Caller) -> str:
        """A keyed hash of the network address and the User-Agent: what makes two requests those
        of one client. It differs for each session."""
        return self._mac(f"client|{session_id}|{caller.source}|{caller.device}")

    async def _end_reused(self, account: Account, session: Session, caller: Caller) -> None:
        async def step(repositories: Repositories) -> None:
            if await repositories.sessions.find(session.id) is None:
                return  # a concurrent request has ended it and sent the notice
            await self.session_writer.end(
                repositories, session, caller, AccountActivity.TOKEN_REUSED
            )
            await repositories.outbox.add(
                self.session_writer.security_notice(account, "token_reused")
            )

        await self.store.transact(step)

    async def revoke(self, token: str, *, caller: Caller) -> None:
        """End the session of a refresh token. Does nothing for an invalid token."""
        try:
            session_id, _ = self._parse_refresh(token)
        except RefreshRefused:
            return
        session = await self.store.repositories.sessions.find(session_id)
        if session:
            await self.store.transact(
                lambda repositories: self.session_writer.end(
                    repositories, session, caller, AccountActivity.SIGNED_OUT
                )
            )

    async def authenticate(self, access: str) -> tuple[Account, Session]:
        """The account and the active session of an access token. Raises `TokenRefused`."""
        claims = self.signer.verify(access, now=self.clock.now())
        found = await self.sessions.resume(claims.session_id)
        if found is None or found[1].kind is not Kind.PROGRAM:
            raise TokenRefused
        if found[0].id != claims.account_id:
            raise TokenRefused
        return found

    def expires_at(self, access: str) -> datetime:
        """The end of a valid access token, in UTC. Raises `TokenRefused`."""
        return self.signer.verify(access, now=self.clock.now()).expires_at

    def _tokens(self, account: Account, session: Session) -> Tokens:
        """The pair of the session's generation: derived, so that a repeat gets the same one."""
        stem = f"{session.id}.{session.generation}"
        issued = session.renewed_at or session.created_at
        claims = Claims(
            account_id=AccountId(account.id),
            session_id=session.id,
            issued_at=issued,
            expires_at=issued + self.policy.access_life,
            token_id=f"tok_{self._mac(f'access|{stem}')[:26]}",
        )
        return Tokens(
            access=self.signer.sign(claims),
            refresh=f"{stem}.{self._mac(stem)}",
            expires_in=claims.expires_at - self.clock.now(),
            account=account,
        )

    def _parse_refresh(self, token: str) -> tuple[str, int]:
        stem, _, mac = token[:500].rpartition(".")
        if not token.isascii() or not hmac.compare_digest(mac.encode(), self._mac(stem).encode()):
            raise RefreshRefused
        session_id, _, generation = stem.rpartition(".")
        return session_id, int(generation)

    def _mac(self, stem: str) -> str:
        text = f"refresh|{stem}".encode(errors="replace")
        return hmac.new(self.key, text, hashlib.sha256).hexdigest()
