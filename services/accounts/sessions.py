"""Sessions: log-in, second factor, step-up, log-out, and the list of active sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.accounts import Account, AccountActivity, AccountId
from core.accounts_policy import AccountPolicy
from core.codes import Code, Purpose
from core.errors import Conflict, NotFound
from core.factors import Factor
from core.policy import MINUTE
from core.sessions import Caller, Kind, Session, is_signed_in
from ports.clock import Clock
from ports.store import Repositories, Store
from services.accounts.codes import OneTimeCodes
from services.accounts.factors import FactorService
from services.accounts.password_checks import PasswordChecks
from services.accounts.rate_limits import RateLimits
from services.accounts.session_writer import SessionWriter, session_id

LAST_SEEN_PRECISION = 5 * MINUTE
"""Precision of `seen_at`: a session is written at most this often."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The result of a sign-in. `token` is the value of the session cookie and is not stored;
    "" for an API client, whose session is unchanged. `known` is the known-device token.

    `pending_factor` is the second factor that must still be verified; until then the cookie gives
    no access.
    """

    account: Account
    token: str
    device_token: str = ""
    pending_factor: Factor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionService:
    """Sign-in, second factor, step-up and log-out of browsers."""

    store: Store
    factors: FactorService
    codes: OneTimeCodes
    session_writer: SessionWriter
    rate_limits: RateLimits
    password_checks: PasswordChecks
    clock: Clock
    policy: AccountPolicy

    async def log_in(
        self, *, email: str, password: str, caller: Caller, code: str = ""
    ) -> SignedIn:
        """Sign in with a password, or ask for the second factor. `code` is that of the mailbox,
        where the network needs one. Raises as `PasswordChecks.check`."""
        checked = await self.password_checks.check(
            email=email, password=password, code=code, caller=caller
        )
        suspicious = await self.is_suspicious(checked.account)
        return await self.sign_in(
            checked.account,
            caller,
            how="password",
            suspicious=suspicious,
            mailbox_code=checked.mailbox_code,
        )

    async def is_suspicious(self, account: Account) -> bool:
        """Whether there were so many consecutive wrong passwords that the right one may be a
        guess. Otherwise resets their count."""
        failures = await self.rate_limits.consecutive_failures(account.email)
        if failures >= self.policy.logins_in_row:
            return True
        if failures:
            await self.rate_limits.reset_consecutive_failures(account.email)
        return False

    async def sign_in(
        self,
        account: Account,
        caller: Caller,
        *,
        how: str,
        suspicious: bool = False,
        mailbox_code: Code | None = None,
    ) -> SignedIn:
        """Sign in after the first factor, or ask for the second one.

        `suspicious` requires a second factor in any case. A right `mailbox_code` is used up; it
        is as good as a code sent by e-mail. Raises `Suspended`, `WrongCode` when the code was used
        meanwhile, or `Stale` when the password was.
        """

        async def step(repositories: Repositories) -> SignedIn:
            current = await self.session_writer.require_unchanged(repositories, account)
            if mailbox_code:
                await self.codes.consume(repositories, mailbox_code)
            by_mail = mailbox_code is not None and current.factor is not Factor.TOTP
            if by_mail or (current.factor is None and not suspicious):
                return await self._create_session(
                    repositories, current, caller, how=how, verified=by_mail
                )
            token = await self.session_writer.create_pending_session(repositories, current, caller)
            pending_factor = await self.factors.request_code(
                repositories, Purpose.LOG_IN, session_id(token), current
            )
            return SignedIn(current, token, pending_factor=pending_factor)

        signed_in = await self.store.transact(step)
        if mailbox_code and not signed_in.pending_factor:
            await self.rate_limits.reset_consecutive_failures(account.email)
        return signed_in

    async def sign_in_confirmed(self, account: Account, caller: Caller, *, how: str) -> SignedIn:
        """Sign in after the code from the e-mail was verified. Raises `Suspended` or `Stale`."""

        async def step(repositories: Repositories) -> SignedIn:
            current = await self.session_writer.require_unchanged(repositories, account)
            return await self._create_session(repositories, current, caller, how=how, verified=True)

        return await self.store.transact(step)

    async def _create_session(
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
        """Verify the second factor and replace the pending session by a browser session.
        Raises `WrongCode` or `TooManyAttempts`."""
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
        """E-mail another code for the pending session; returns the factor. Raises `CodeTooSoon`."""
        account = await self.store.repositories.accounts.get(pending.account_id)
        return await self.store.transact(
            lambda repositories: self.factors.request_code(
                repositories, Purpose.LOG_IN, pending.id, account
            )
        )

    async def request_step_up(self, account: Account, session: Session) -> Factor:
        """E-mail a new code for this session, or allow attempts with the authenticator app.
        Returns the factor. Raises `CodeTooSoon`."""
        return await self.store.transact(
            lambda repositories: self.factors.request_code(
                repositories, Purpose.STEP_UP, session.id, account
            )
        )

    async def step_up(
        self, account: Account, session: Session, *, code: str, caller: Caller
    ) -> SignedIn:
        """Allow changes of money and identity in this session for `policy.step_up_life`. The
        session gets a new cookie. Raises `WrongCode` or `TooManyAttempts`."""
        proof = await self.factors.verify_code(Purpose.STEP_UP, session.id, account, code)

        async def step(repositories: Repositories) -> SignedIn:
            current, now = await self.factors.consume(repositories, proof, caller), self.clock.now()
            await repositories.outbox.add(
                self.session_writer.audit_message(current, caller, AccountActivity.STEP_UP)
            )
            await repositories.sessions.verify(session.id, now=now)
            verified = replace(session, verified_at=now)
            return SignedIn(current, await self.session_writer.renew(repositories, verified))

        return await self.store.transact(step)

    async def log_out(self, session: Session, caller: Caller) -> None:
        await self.store.transact(
            lambda repositories: self.session_writer.end(
                repositories, session, caller, AccountActivity.SIGNED_OUT
            )
        )

    async def authenticate(self, token: str) -> tuple[Account, Session] | None:
        """The account and the session of a cookie's token, also of a session that is still
        pending; None when it has ended."""
        return await self.resume(session_id(token))

    async def resume(self, name: str) -> tuple[Account, Session] | None:
        """As `find_active`, and updates `seen_at`."""
        return (await self.resume_each((name,))).get(name)

    async def resume_each(self, names: Sequence[str]) -> dict[str, tuple[Account, Session]]:
        """Those of the sessions that are active, by id, with their accounts: one read for any
        number. Updates `seen_at` as `resume` does."""
        active, now = await self._active(names), self.clock.now()
        for name, (_, session) in active.items():
            if now - session.seen_at > LAST_SEEN_PRECISION:
                await self.store.repositories.sessions.touch(name, now=now)
        return active

    async def find_active(self, name: str) -> tuple[Account, Session] | None:
        """An active session by its id, with its account: one read. Does not update `seen_at`, so
        that an unused open page does not extend its session."""
        return (await self._active((name,))).get(name)

    async def _active(self, names: Sequence[str]) -> dict[str, tuple[Account, Session]]:
        found, now = await self.store.repositories.sessions.with_accounts(names), self.clock.now()
        return {
            name: (account, session)
            for name, (account, session) in found.items()
            if is_signed_in(session, account, now=now, policy=self.policy)
        }

    async def list_active(self, account: Account) -> Sequence[Session]:
        """The account's active sessions, most recently used first."""
        now = self.clock.now()
        return [
            session
            for session in await self.store.repositories.sessions.of_account(account.id)
            if session.kind is not Kind.PENDING
            and is_signed_in(session, account, now=now, policy=self.policy)
        ]

    async def end(self, account_id: AccountId, name: str, caller: Caller) -> None:
        """End one of the account's sessions by `Session.name`. Raises `NotFound`."""

        async def step(repositories: Repositories) -> None:
            for session in await repositories.sessions.of_account(account_id):
                if session.name == name:
                    await self.session_writer.end(
                        repositories, session, caller, AccountActivity.SESSION_ENDED
                    )
                    return
            raise NotFound

        await self.store.transact(step)

    async def end_others(self, account: Account, session: Session, caller: Caller) -> int:
        """End all sessions except this one; returns how many ended."""

        async def step(repositories: Repositories) -> int:
            ended = await self.session_writer.end_all(repositories, account.id, keep=session.id)
            if ended:
                entry = self.session_writer.audit_message(
                    account, caller, AccountActivity.SESSION_ENDED, count=str(ended)
                )
                await repositories.outbox.add(entry)
            return ended

        return await self.store.transact(step)
