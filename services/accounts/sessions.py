"""Logging in and out, the second factor in between, and the list of where one is signed in."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.accounts import (
    Account,
    AccountId,
    EmailUnverified,
    Suspended,
    WrongPassword,
    folded_email,
)
from core.accounts_policy import AccountPolicy
from core.codes import CodeTooSoon, Purpose
from core.errors import Conflict, NotFound
from core.factors import Factor
from core.policy import MINUTE
from core.sessions import Caller, Kind, Session, is_signed_in
from ports.clock import Clock
from ports.passwords import Passwords
from ports.store import Repositories, Store
from services.accounts.codes import OneTimeCodes
from services.accounts.factors import FactorService
from services.accounts.rate_limits import RateLimits
from services.accounts.session_writer import SessionWriter, session_id

LAST_SEEN_PRECISION = 5 * MINUTE
"""How exactly "last seen" is kept; a write per request would tell nobody more."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`token` goes into the cookie and is stored nowhere else, `known` into the device cookie.

    `token` is "" where the session stays as it is. `pending_factor` is the second factor that is
    still required: until then the session gives access to nothing.
    """

    account: Account
    token: str
    device_token: str = ""
    pending_factor: Factor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionService:
    store: Store
    factors: FactorService
    codes: OneTimeCodes
    session_writer: SessionWriter
    rate_limits: RateLimits
    passwords: Passwords
    clock: Clock
    policy: AccountPolicy

    async def check_password(self, *, email: str, password: str, caller: Caller) -> Account:
        """The confirmed account whose password this is.

        Unknown and known addresses cost the same. Ten wrong tries in five minutes, per account
        and per network address, shut the door for a while (rules: log-ins). Raises
        `WrongPassword`, `TooManyAttempts`, `EmailUnverified` (a code is on its way) or `Suspended`.
        """
        folded = folded_email(email)
        limits = self.rate_limits.for_log_in(folded, caller)
        await self.rate_limits.refuse_locked(limits)
        account = await self.store.repositories.accounts.find_by_email(folded)
        right = await self.passwords.matches(password, account.password_hash if account else None)
        # Looked at again: of many guesses at once, those hashed after the tenth learn nothing.
        tried_before = await self.rate_limits.refuse_locked(limits)
        if account is None or not right:
            shut = await self.rate_limits.record_failure(limits, folded)
            if shut and account:
                await self.store.repositories.outbox.add(
                    self.session_writer.audit_message(
                        account, caller, "sign_in_refused", actor="somebody"
                    )
                )
            raise WrongPassword
        if tried_before:  # else an ordinary log-in would wait for a write of nothing
            await self.rate_limits.reset(limits[0])
        if account.suspended:
            raise Suspended
        if not account.email_verified:
            with contextlib.suppress(CodeTooSoon):  # the password was right: good here now
                await self._confirm_first(account, caller)
            raise EmailUnverified
        if account.password_hash and self.passwords.outdated(account.password_hash):
            account = await self._renew_hash(account, password)
        return account

    async def _confirm_first(self, account: Account, caller: Caller) -> None:
        """Another code, for a browser: no program has a page to enter it on."""
        if not caller.visit:
            return
        await self.store.transact(
            lambda repositories: self.codes.issue(
                repositories, Purpose.VERIFY_EMAIL, account.id, account, visit=caller.visit
            )
        )

    async def _renew_hash(self, account: Account, password: str) -> Account:
        """The cost has risen since: only now, with the password at hand, it can follow."""
        renewed = await self.passwords.hash(password)
        changed = account.with_password(renewed, short=account.password_short)
        with contextlib.suppress(Conflict):
            return await self.store.repositories.accounts.save(changed)
        current = await self.store.repositories.accounts.get(account.id)  # somebody was faster
        if not await self.passwords.matches(password, current.password_hash):
            raise WrongPassword
        return current

    async def log_in(self, *, email: str, password: str, caller: Caller) -> SignedIn:
        """A session, or the cookie of one that still wants a code. Raises as `check_password`."""
        account = await self.check_password(email=email, password=password, caller=caller)
        suspicious = await self.is_suspicious(account)
        return await self.sign_in(account, caller, how="password", suspicious=suspicious)

    async def is_suspicious(self, account: Account) -> bool:
        """Whether so many passwords were wrong in a row that the right one may be a guess, too;
        else the row ends here."""
        row = await self.rate_limits.consecutive_failures(account.email)
        if row >= self.policy.logins_in_row:
            return True
        if row:
            await self.rate_limits.reset_consecutive_failures(account.email)
        return False

    async def sign_in(
        self, account: Account, caller: Caller, *, how: str, suspicious: bool = False
    ) -> SignedIn:
        """The first factor was right: sign in, or ask for the second, which somebody `suspicious`
        is asked for in any case. Raises `Suspended`, or `Stale` when the password was changed
        meanwhile."""

        async def step(repositories: Repositories) -> SignedIn:
            current = await self.session_writer.require_unchanged(repositories, account)
            if current.factor is None and not suspicious:
                return await self._open(repositories, current, caller, how=how, verified=False)
            token = await self.session_writer.create_pending_session(repositories, current, caller)
            pending_factor = await self.factors.request_code(
                repositories, Purpose.LOG_IN, session_id(token), current
            )
            return SignedIn(current, token, pending_factor=pending_factor)

        return await self.store.transact(step)

    async def sign_in_confirmed(self, account: Account, caller: Caller, *, how: str) -> SignedIn:
        """A session for somebody who has just entered a code from the mail."""

        async def step(repositories: Repositories) -> SignedIn:
            current = await self.session_writer.require_unchanged(repositories, account)
            return await self._open(repositories, current, caller, how=how, verified=True)

        return await self.store.transact(step)

    async def _open(
        self,
        repositories: Repositories,
        account: Account,
        caller: Caller,
        *,
        how: str,
        verified: bool,
    ) -> SignedIn:
        token = await self.session_writer.create_browser_session(
            repositories, account, caller, how=how, verified=verified
        )
        return SignedIn(
            account, token, device_token=self.rate_limits.issue_device_token(account.email)
        )

    async def verify(self, pending: Session, *, code: str, caller: Caller) -> SignedIn:
        """The second factor was right: the waiting session becomes a real one, under a new
        cookie. Raises `WrongCode` or `TooManyAttempts`."""
        account = await self.store.repositories.accounts.get(pending.account_id)
        proof = await self.factors.verify_code(Purpose.LOG_IN, pending.id, account, code)

        async def step(repositories: Repositories) -> tuple[Account, str]:
            current = await self.factors.consume(repositories, proof, caller)
            if not await repositories.sessions.remove(pending.id):
                raise Conflict
            how = "recovery code" if proof.handle else "second factor"
            token = await self.session_writer.create_browser_session(
                repositories, current, caller, how=how, verified=True
            )
            return current, token

        current, token = await self.store.transact(step)
        await self.rate_limits.reset_consecutive_failures(current.email)
        return SignedIn(
            current, token, device_token=self.rate_limits.issue_device_token(current.email)
        )

    async def resend_code(self, pending: Session) -> Factor:
        """Raises `CodeTooSoon`."""
        account = await self.store.repositories.accounts.get(pending.account_id)
        return await self.store.transact(
            lambda repositories: self.factors.request_code(
                repositories, Purpose.LOG_IN, pending.id, account
            )
        )

    async def request_step_up(self, account: Account, session: Session) -> Factor:
        """Mail a fresh code for this session, or get ready for one of the app.
        Raises `CodeTooSoon`."""
        return await self.store.transact(
            lambda repositories: self.factors.request_code(
                repositories, Purpose.STEP_UP, session.id, account
            )
        )

    async def step_up(
        self, account: Account, session: Session, *, code: str, caller: Caller
    ) -> SignedIn:
        """For a quarter of an hour this session may touch money and identity; it goes on under a
        new cookie. Raises `WrongCode` or `TooManyAttempts`."""
        proof = await self.factors.verify_code(Purpose.STEP_UP, session.id, account, code)

        async def step(repositories: Repositories) -> SignedIn:
            current, now = await self.factors.consume(repositories, proof, caller), self.clock.now()
            await repositories.outbox.add(
                self.session_writer.audit_message(current, caller, "step_up")
            )
            await repositories.sessions.verify(session.id, now=now)
            fresh = replace(session, verified_at=now)
            return SignedIn(current, await self.session_writer.renew(repositories, fresh))

        return await self.store.transact(step)

    async def log_out(self, session: Session, caller: Caller) -> None:
        await self.store.transact(
            lambda repositories: self.session_writer.end(
                repositories, session, caller, "signed_out"
            )
        )

    async def authenticate(self, token: str) -> tuple[Account, Session] | None:
        """Who a cookie belongs to, also one that still waits for its second factor (its session
        says so); None when it has ended."""
        return await self.resume(session_id(token))

    async def resume(self, name: str) -> tuple[Account, Session] | None:
        """A living session by its id, with its account: it is being used now. Two reads."""
        found, now = await self.find_active(name), self.clock.now()
        if found and now - found[1].seen_at > LAST_SEEN_PRECISION:
            await self.store.repositories.sessions.touch(name, now=now)
        return found

    async def find_active(self, name: str) -> tuple[Account, Session] | None:
        """The same without keeping it awake: an open page that nobody uses runs out."""
        repositories, now = self.store.repositories, self.clock.now()
        session = await repositories.sessions.find(name)
        if session is None or not session.is_active(now=now, policy=self.policy):
            return None
        account = await repositories.accounts.find(session.account_id)
        if account is None or not is_signed_in(session, account, now=now, policy=self.policy):
            return None
        return account, session

    async def list_active(self, account: Account) -> Sequence[Session]:
        """Where somebody is signed in now, the latest seen first."""
        now = self.clock.now()
        return [
            session
            for session in await self.store.repositories.sessions.of_account(account.id)
            if session.kind is not Kind.PENDING
            and is_signed_in(session, account, now=now, policy=self.policy)
        ]

    async def end(self, account_id: AccountId, name: str, caller: Caller) -> None:
        """One of somebody's own sessions, by the name the list gives it. Raises `NotFound`."""

        async def step(repositories: Repositories) -> None:
            for session in await repositories.sessions.of_account(account_id):
                if session.name == name:
                    await self.session_writer.end(repositories, session, caller, "session_ended")
                    return
            raise NotFound

        await self.store.transact(step)

    async def end_others(self, account: Account, session: Session, caller: Caller) -> int:
        """Everywhere but here; how many ended."""

        async def step(repositories: Repositories) -> int:
            ended = await self.session_writer.end_all(repositories, account.id, keep=session.id)
            if ended:
                note = self.session_writer.audit_message(
                    account, caller, "session_ended", count=str(ended)
                )
                await repositories.outbox.add(note)
            return ended

        return await self.store.transact(step)
