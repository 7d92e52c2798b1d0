"""Passwords: change, and reset by e-mail."""

from __future__ import annotations

from dataclasses import dataclass

from core.accounts import Account, AccountActivity, AccountId, WrongPassword
from core.accounts_messages import ResetEmail
from core.accounts_policy import AccountPolicy
from core.codes import Code, Purpose, code_id
from core.errors import Errors, Forbidden
from core.outbox import message
from core.sessions import Caller, Session
from ports.clock import Clock, Ids
from ports.passwords import Passwords
from ports.store import Repositories, Store
from services.accounts.codes import CodeGenerator, daily_failures_key, hourly_keys
from services.accounts.rate_limits import LogInLimits, RateLimits, reset_key
from services.accounts.service import AccountService
from services.accounts.session_writer import SessionWriter
from services.accounts.sessions import SignedIn

UNCHANGED = "Choose a password other than the current one."
NOT_CURRENT = "This is not your current password."


class WrongLink(Forbidden):
    """This link has been used or has expired. Request a new one."""

    code = "wrong_link"


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordService:
    """Changes passwords, and resets them by a link in an e-mail."""

    store: Store
    accounts: AccountService
    code_generator: CodeGenerator
    session_writer: SessionWriter
    rate_limits: RateLimits
    passwords: Passwords
    clock: Clock
    ids: Ids
    policy: AccountPolicy

    async def request_reset(self, *, email: str, caller: Caller) -> None:
        """Enqueue a reset link for the owner of the address.

        The relay looks up the account, so the response and its duration are the same for unknown
        addresses. Requests over the hourly limit are ignored. Raises `Invalid` for a malformed
        address.
        """
        address, now = self.accounts.addresses.of_log_in(email), self.clock.now()
        most = self.policy.resets_per_hour
        address_allowed = await self.rate_limits.allow(reset_key(address), most=most)
        network_allowed = await self.rate_limits.allow(f"reset-from:{caller.source}", most=most * 4)
        nonce = self.ids.secret()
        if address_allowed and network_allowed:
            reset = ResetEmail(email=address, nonce=nonce, at=now, place=caller.place)
            await self.store.repositories.outbox.add(message(reset, f"reset:{nonce}", due_at=now))

    async def store_link(self, account: Account, nonce: str) -> str:
        """The token of a reset link, for the relay. Its keyed hash replaces that of an earlier
        link. Idempotent: the same nonce gives the same token."""
        name, token = code_id(Purpose.RESET, account.id), self.code_generator.token(nonce)
        now, digest = self.clock.now(), self.code_generator.digest(name, token)
        stored = await self.store.repositories.codes.find(name)
        if stored is None or stored.digest != digest:
            ends = now + self.policy.reset_life
            await self.store.repositories.codes.put(Code(name, digest, now, ends, tries_left=1))
        return f"{account.id}.{token}"

    async def account_for_link(self, link: str) -> Account:
        """The account of a valid link, without using the link. Raises `WrongLink`."""
        return (await self._validate_link(link))[0]

    async def reset(self, link: str, *, password: str, caller: Caller) -> Account:
        """Set a new password, end all sessions and notify the owner. Does not sign in, because
        the log-in still requires the second factor. Raises `WrongLink` or `Invalid`."""
        account, code = await self._validate_link(link)
        hashed = await self._checked_hash(account, password)

        async def step(repositories: Repositories) -> Account:
            found = await repositories.codes.find(code.id)
            if found is None or found.digest != code.digest or not found.tries_left:
                raise WrongLink
            return await self._set_password(
                repositories,
                account.id,
                hashed,
                len(password),
                caller,
                AccountActivity.PASSWORD_RESET,
            )

        saved = await self.store.transact(step)
        await self.rate_limits.reset(LogInLimits(f"login:{saved.email}"))
        await self.rate_limits.reset_consecutive_failures(saved.email)
        await self.store.repositories.throttles.clear(
            daily_failures_key(saved),
            *(key for purpose in Purpose for key in hourly_keys(purpose, saved)),
        )
        return saved

    async def change(
        self, account: Account, session: Session, *, current: str, new: str, caller: Caller
    ) -> SignedIn:
        """Change the password; `current` is not needed for an account without one. The other
        sessions end, and this one gets a new cookie. Raises `WrongPassword` if nothing else is
        wrong, `Invalid` with all fields that are, or `TooManyAttempts`."""
        errors = Errors()
        if account.password_hash is not None:
            if not current:
                errors.add(current="Enter your current password.")
            elif not await self._is_current(account, current, caller):
                errors.add(current=NOT_CURRENT)
            elif current == new:
                errors.add(password=UNCHANGED)
        with errors:
            await self.accounts.check_new_password(
                new, words=(account.email, account.name), alone=account.factor is None
            )
        if dict(errors.fields) == {"current": NOT_CURRENT}:
            raise WrongPassword(NOT_CURRENT)
        errors.check()
        hashed = await self.passwords.hash(new)

        async def step(repositories: Repositories) -> SignedIn:
            saved = await self._set_password(
                repositories,
                account.id,
                hashed,
                len(new),
                caller,
                AccountActivity.PASSWORD_CHANGED,
                keep=session.id,
            )
            return SignedIn(saved, await self.session_writer.renew(repositories, session))

        return await self.store.transact(step)

    async def _is_current(self, account: Account, password: str, caller: Caller) -> bool:
        """Whether it is the account's password; a wrong one counts as at log-in. Raises
        `TooManyAttempts`."""
        limits = LogInLimits(self.rate_limits.for_log_in(account.email, caller).account)
        await self.rate_limits.check(limits)
        right = await self.passwords.matches(password, account.password_hash)
        await self.rate_limits.check(limits)  # checked again, as at log-in
        if not right:
            await self.rate_limits.record_failure(limits, account.email)
        return right

    async def _checked_hash(self, account: Account, password: str) -> str:
        words = (account.email, account.name)
        return await self.accounts.new_password(password, words=words, alone=account.factor is None)

    async def _set_password(
        self,
        repositories: Repositories,
        account_id: AccountId,
        hashed: str,
        length: int,
        caller: Caller,
        what: AccountActivity,
        *,
        keep: str = "",
    ) -> Account:
        current = await repositories.accounts.get(account_id)
        short = length < self.policy.password_minimum
        changed = current.with_password(hashed, short=short)
        changed = changed.with_changed_credentials(now=self.clock.now())
        saved = await repositories.accounts.save(changed)
        await self.accounts.codes.invalidate(repositories, Purpose.RESET, account_id)
        ended = await self.session_writer.end_all(repositories, account_id, keep=keep)
        await repositories.outbox.add(
            self.session_writer.audit_message(saved, caller, what, sessions_ended=str(ended)),
            self.session_writer.security_notice(saved, "password_changed"),
        )
        return saved

    async def _validate_link(self, link: str) -> tuple[Account, Code]:
        if not link.isascii():
            raise WrongLink
        owner, _, token = link.partition(".")
        name = code_id(Purpose.RESET, owner)
        code = await self.store.repositories.codes.find(name)
        now = self.clock.now()
        if code is None or code.expires_at <= now or not code.tries_left:
            raise WrongLink
        if not self.code_generator.matches(name, token, code.digest):
            raise WrongLink
        account = await self.store.repositories.accounts.find(AccountId(owner))
        if account is None or account.suspended:
            raise WrongLink
        return account, code
