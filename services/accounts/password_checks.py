"""Checks a password at log-in, within the limits against guessing.

A network with many wrong passwords is not refused, because others behind its address would be
locked out. Instead a password from there is checked only with a code that was sent to the
account's mailbox: without one, the answer is the same for right and wrong passwords, and for
addresses without an account (decision 0013).
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from core.accounts import (
    Account,
    AccountActivity,
    EmailUnverified,
    MailboxCodeNeeded,
    Suspended,
    TooManyAttempts,
    WrongPassword,
)
from core.accounts_messages import SendMailboxCode
from core.accounts_policy import AccountPolicy
from core.codes import Code, CodeTooSoon, Purpose, WrongCode, code_id
from core.errors import Conflict, Errors
from core.outbox import message
from core.sessions import Caller
from ports.clock import Clock, Ids
from ports.passwords import Passwords
from ports.store import Store
from services.accounts.addresses import AccountAddresses, find_account
from services.accounts.codes import OneTimeCodes, parse_digits
from services.accounts.rate_limits import LogInLimits, RateLimits
from services.accounts.session_writer import SessionWriter
from services.shared.outbox import handles


@dataclass(frozen=True, slots=True)
class CheckedPassword:
    """An account whose password was right. `mailbox_code` is the code that was entered with it, to
    be consumed by `OneTimeCodes.consume` where it stands for a second factor or for a session."""

    account: Account
    mailbox_code: Code | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChecks:
    store: Store
    codes: OneTimeCodes
    session_writer: SessionWriter
    rate_limits: RateLimits
    addresses: AccountAddresses
    passwords: Passwords
    clock: Clock
    ids: Ids
    policy: AccountPolicy

    async def check(
        self, *, email: str, password: str, code: str, caller: Caller
    ) -> CheckedPassword:
        """Verify the password and return the confirmed account. `code` is that of the mailbox,
        read only where the network needs it.

        Takes the same time for unknown addresses. Raises `Invalid` for malformed fields and an
        empty password, which is no failure; `WrongPassword`, `TooManyAttempts`,
        `MailboxCodeNeeded` (a code is e-mailed), `WrongCode`, `EmailUnverified` (a code is
        e-mailed) or `Suspended`.
        """
        address = self._checked_fields(email, password, code)
        account = await find_account(self.store.repositories, address)
        name = account.email if account else address
        limits = self.rate_limits.for_log_in(name, caller)
        state = await self.rate_limits.check(limits)
        proof = await self._proof(address, account, code, caller) if state.busy_network else None
        right = await self.passwords.matches(password, account.password_hash if account else None)
        # Checked again: concurrent guesses that finish after the tenth failure get no result.
        state = await self.rate_limits.check(limits)
        if state.busy_network and proof is None:
            await self._ask_for_code(address, caller)
        if account is None or not right:
            await self._record_failure(limits, account, name, caller, busy=proof is not None)
            raise WrongPassword
        if state.has_failures:  # saves a write for most log-ins
            await self.rate_limits.reset(limits)
        return CheckedPassword(await self._usable(account, password, caller), proof)

    def _checked_fields(self, email: str, password: str, code: str) -> str:
        """The address of the log-in."""
        errors, address = Errors(), ""
        with errors:
            address = self.addresses.of_log_in(email)
        if not password:
            errors.add(password="Enter your password.")  # noqa: S106 - a message
        if code:
            with errors:
                parse_digits(code)
        errors.check()
        return address

    async def _proof(
        self, address: str, account: Account | None, code: str, caller: Caller
    ) -> Code:
        """The right code of the account's mailbox. Each check uses one of its attempts. Raises
        `MailboxCodeNeeded` without a code, `WrongCode` for a wrong one or an unknown address."""
        if not code:
            await self._ask_for_code(address, caller)
        owner = _owner(account.id if account else address, caller.visit)
        if account is None:  # as many calls to the database as for a wrong code
            await self.store.repositories.codes.find(code_id(Purpose.MAILBOX, owner))
            await self.codes.use_attempt(Purpose.MAILBOX, owner)
            raise WrongCode
        return await self.codes.verify(Purpose.MAILBOX, owner, code, visit=caller.visit)

    async def _ask_for_code(self, address: str, caller: Caller) -> None:
        """Enqueue the e-mail with a code. The relay looks up the account, so the response and its
        duration are the same for unknown addresses. Raises `MailboxCodeNeeded`, or
        `TooManyAttempts` for a network that has requested too many."""
        limit = f"mailbox-codes-from:{caller.source}"
        if not await self.rate_limits.allow(limit, most=self.policy.registrations_per_hour):
            raise TooManyAttempts
        now = self.clock.now()
        payload = SendMailboxCode(address, caller.visit, now)
        key = f"mailbox:{self.ids.secret()}"
        await self.store.repositories.outbox.add(message(payload, key, due_at=now))
        raise MailboxCodeNeeded

    @handles(SendMailboxCode)
    async def send_mailbox_code(self, payload: SendMailboxCode) -> None:
        """E-mail a code to the owner of the address, at most one per minute and browser, and five
        per hour and mailbox."""
        account = await find_account(self.store.repositories, payload.email)
        late = self.clock.now() >= payload.at + self.policy.code_life
        if account is None or account.suspended or late:
            return
        owner = _owner(account.id, payload.visit)
        with contextlib.suppress(CodeTooSoon):
            await self.store.transact(
                lambda repositories: self.codes.issue(
                    repositories, Purpose.MAILBOX, owner, account, visit=payload.visit
                )
            )

    async def _record_failure(
        self,
        limits: LogInLimits,
        account: Account | None,
        name: str,
        caller: Caller,
        *,
        busy: bool,
    ) -> None:
        locked = await self.rate_limits.record_failure(limits, name, network=not busy)
        if locked and account:
            await self.store.repositories.outbox.add(
                self.session_writer.audit_message(
                    account, caller, AccountActivity.SIGN_IN_REFUSED, actor="somebody"
                )
            )

    async def _usable(self, account: Account, password: str, caller: Caller) -> Account:
        """The account, if it may sign in, with its password hashed by the current parameters."""
        if account.suspended:
            raise Suspended
        if not account.email_verified:
            with contextlib.suppress(CodeTooSoon):
                await self._send_confirmation_code(account, caller)
            raise EmailUnverified
        if account.password_hash and self.passwords.outdated(account.password_hash):
            return await self._renew_hash(account, password)
        return account

    async def _send_confirmation_code(self, account: Account, caller: Caller) -> None:
        """For browsers only: an API client has no page to enter the code."""
        if not caller.visit:
            return
        await self.store.transact(
            lambda repositories: self.codes.issue(
                repositories, Purpose.VERIFY_EMAIL, account.id, account, visit=caller.visit
            )
        )

    async def _renew_hash(self, account: Account, password: str) -> Account:
        """Possible only while the password is available."""
        renewed = await self.passwords.hash(password)
        changed = account.with_password(renewed, short=account.password_short)
        with contextlib.suppress(Conflict):
            return await self.store.repositories.accounts.save(changed)
        current = await self.store.repositories.accounts.get(account.id)  # changed concurrently
        if not await self.passwords.matches(password, current.password_hash):
            raise WrongPassword
        return current


def _owner(account: str, visit: str) -> str:
    """A code for each browser: requests from other browsers do not replace it."""
    return f"{account}:{visit}"
