"""The second factor: request, verification, and its settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.accounts import Account, AccountActivity, AccountId, TooManyAttempts
from core.accounts_policy import AccountPolicy
from core.codes import Code, Purpose, WrongCode
from core.errors import Conflict
from core.factors import Factor, Totp
from core.policy import DAY
from core.sessions import Caller
from ports.clock import Clock, Ids
from ports.factors import Authenticator
from ports.passwords import Passwords
from ports.store import Repositories, Store
from services.accounts.codes import OneTimeCodes, daily_failures_key, hourly_keys, parse_digits
from services.accounts.recovery_codes import RecoveryCodes, split_recovery_code
from services.accounts.session_writer import SessionWriter

TOO_MANY_CODES = "Too many wrong codes today. Set a new password to continue."


@dataclass(frozen=True, slots=True)
class VerifiedCode:
    """A code that was right, to be consumed by `FactorService.consume`.

    `step` is the time step of an authenticator app, `handle` that of a recovery code.
    """

    purpose: Purpose
    code: Code
    account_id: AccountId
    step: int | None = None
    handle: str | None = None


@dataclass(frozen=True, slots=True)
class AppSetup:
    """The setup of an authenticator app, shown once: the secret in base32, the otpauth:// URI, and
    its QR code as an SVG element."""

    secret: str
    provisioning_uri: str
    qr_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorService:
    """Codes by e-mail, authenticator apps and recovery codes."""

    store: Store
    codes: OneTimeCodes
    recovery: RecoveryCodes
    session_writer: SessionWriter
    authenticator: Authenticator
    passwords: Passwords
    clock: Clock
    ids: Ids
    policy: AccountPolicy

    async def request_code(
        self, repositories: Repositories, purpose: Purpose, owner: str, account: Account
    ) -> Factor:
        """E-mail a code, or allow attempts with the authenticator app; returns the factor. Runs in
        the caller's transaction. Raises `CodeTooSoon`."""
        factor = account.factor or Factor.EMAIL
        if factor is Factor.TOTP:
            await self.codes.allow_attempts(repositories, purpose, owner)
        else:
            await self.codes.issue(repositories, purpose, owner, account)
        return factor

    async def verify_code(
        self, purpose: Purpose, owner: str, account: Account, guess: str
    ) -> VerifiedCode:
        """Check a guess: an e-mailed code, a code of the app, or a recovery code.

        One attempt of the code and one of the account's daily attempts are used before the
        comparison. Raises `WrongCode` or `TooManyAttempts`.
        """
        recovery = account.factor is Factor.TOTP and any(each.isalpha() for each in guess)
        typed = guess if recovery else parse_digits(guess)
        wrong, throttles = daily_failures_key(account), self.store.repositories.throttles
        counted = await throttles.counts([wrong], now=self.clock.now())
        if counted.get(wrong, 0) >= self.policy.codes_failed:
            raise TooManyAttempts(TOO_MANY_CODES)
        code = await self.codes.use_attempt(purpose, owner)
        # Counted as wrong before the comparison, so that concurrent guesses cannot exceed the
        # daily limit.
        attempts = await throttles.increment(wrong, window=DAY, now=self.clock.now())
        if attempts > self.policy.codes_failed:
            raise TooManyAttempts(TOO_MANY_CODES)
        step, handle = await self._compare(code, account, typed, recovery=recovery)
        await throttles.decrement(wrong, now=self.clock.now())
        return VerifiedCode(purpose, code, account.id, step, handle)

    async def _compare(
        self, code: Code, account: Account, typed: str, *, recovery: bool
    ) -> tuple[int | None, str | None]:
        """The app's time step or the recovery code's handle, if it was one of these. Raises
        `WrongCode`."""
        totp = account.totp
        if account.factor is not Factor.TOTP or totp is None:
            self.codes.check(code, typed)
            return None, None
        if recovery:
            handle, secret = split_recovery_code(typed)
            if not await self.passwords.matches(secret, totp.recovery_hash(handle)):
                raise WrongCode("This recovery code is wrong or has been used.")
            return None, handle
        step = self.authenticator.step(account.id, totp.nonce, typed, now=self.clock.now())
        if step is None or step <= totp.last_step:
            raise WrongCode(
                "This code is wrong or has expired. Enter the code that the app shows now."
            )
        return step, None

    async def consume(
        self, repositories: Repositories, proof: VerifiedCode, caller: Caller
    ) -> Account:
        """Make the code unusable, in the transaction that relies on it. Raises `WrongCode` when
        a concurrent request has used it."""
        await self.codes.consume(repositories, proof.code)
        account = await repositories.accounts.get(proof.account_id)
        # The owner has entered the code, so the codes sent do not count as abuse.
        await repositories.throttles.clear(*hourly_keys(proof.purpose, account))
        if proof.step is None and proof.handle is None:
            return account
        changed = self._consumed(account, proof)
        if proof.handle:
            left = str(len(changed.totp.recovery)) if changed.totp else "0"
            await repositories.outbox.add(
                self.session_writer.audit_message(
                    account, caller, AccountActivity.RECOVERY_CODE_USED, left=left
                ),
                self.session_writer.security_notice(account, "recovery_code_used", left=left),
            )
        return await repositories.accounts.save(changed)

    def _consumed(self, account: Account, proof: VerifiedCode) -> Account:
        totp = account.totp
        if totp is None:
            raise WrongCode
        if proof.handle:
            if totp.recovery_hash(proof.handle) is None:
                raise WrongCode
            return replace(account, totp=totp.use_recovery_code(proof.handle))
        step = proof.step or 0
        if step <= totp.last_step:
            raise WrongCode
        return replace(account, totp=totp.use(step))

    async def set_two_factor(self, account_id: AccountId, *, on: bool, caller: Caller) -> Account:
        """Turn the second factor on or off. Raises `FactorNeeded`."""

        async def step(repositories: Repositories) -> Account:
            account = await repositories.accounts.get(account_id)
            if on == (account.factor is not None):
                return account
            saved = await self._save_changed(repositories, account.turn_two_factor(on))
            what = AccountActivity.TWO_FACTOR_ON if on else AccountActivity.TWO_FACTOR_OFF
            await self._record_change(repositories, saved, caller, what)
            return saved

        return await self.store.transact(step)

    async def start_app_setup(self, account_id: AccountId) -> AppSetup:
        """Create a secret for an authenticator app; it is used once `confirm_app` has verified a
        code of it. Raises `FactorNeeded`."""
        nonce = self.ids.secret()

        async def step(repositories: Repositories) -> Account:
            account = await repositories.accounts.get(account_id)
            return await repositories.accounts.save(account.begin_totp(nonce))

        return self._setup(await self.store.transact(step), nonce)

    async def pending_app(self, account: Account) -> AppSetup | None:
        """The setup that awaits its first code, if there is one."""
        totp = account.totp
        return self._setup(account, totp.nonce) if totp and not totp.confirmed_at else None

    def _setup(self, account: Account, nonce: str) -> AppSetup:
        uri = self.authenticator.provisioning_uri(account.id, nonce, email=account.email)
        secret = self.authenticator.secret(account.id, nonce)
        return AppSetup(secret, uri, self.authenticator.qr_code(uri))

    async def confirm_app(
        self, account_id: AccountId, *, code: str, caller: Caller, show_until_saved: bool = False
    ) -> Sequence[str]:
        """Require codes of the app from now on. Returns the recovery codes; with
        `show_until_saved` they can be shown again (`unsaved_recovery_codes`) until they are saved.
        Raises `WrongCode`, or `Conflict` when no setup awaits its code."""
        account = await self.store.repositories.accounts.get(account_id)
        digits, totp = parse_digits(code), account.totp
        if totp is None or totp.confirmed_at:
            raise Conflict("No authenticator app is being set up. Please start again.")
        found = self.authenticator.step(account.id, totp.nonce, digits, now=self.clock.now())
        if found is None:
            raise WrongCode("This code is wrong. Check that the clock of your device is correct.")
        nonce = self.ids.secret()
        codes, hashes = await self.recovery.make(account_id, nonce)
        kept = nonce if show_until_saved else ""

        async def step(repositories: Repositories) -> None:
            current = await repositories.accounts.get(account_id)
            if current.totp != totp:
                raise Conflict
            now = self.clock.now()
            confirmed = totp.confirm(now=now, step=found, recovery=hashes, nonce=kept)
            saved = await self._save_changed(repositories, replace(current, totp=confirmed))
            await self._record_change(repositories, saved, caller, AccountActivity.TOTP_ON)

        await self.store.transact(step)
        return codes

    async def remove_app(self, account_id: AccountId, *, caller: Caller) -> Account:
        """Remove the app. If a second factor is on, codes are sent by e-mail again."""

        async def step(repositories: Repositories) -> Account:
            account = await repositories.accounts.get(account_id)
            if account.totp is None:
                return account
            on = account.two_factor or account.totp.confirmed_at is not None
            removed = replace(account, totp=None, two_factor=on)
            if not account.totp.confirmed_at:
                return await repositories.accounts.save(removed)
            saved = await self._save_changed(repositories, removed)
            await self._record_change(repositories, saved, caller, AccountActivity.TOTP_OFF)
            return saved

        return await self.store.transact(step)

    async def renew_recovery_codes(
        self, account_id: AccountId, *, caller: Caller, show_until_saved: bool = False
    ) -> Sequence[str]:
        """Replace the recovery codes by ten new ones; `show_until_saved` as in `confirm_app`.
        Raises `Conflict` without an app."""
        nonce = self.ids.secret()
        codes, hashes = await self.recovery.make(account_id, nonce)
        kept = nonce if show_until_saved else ""

        async def step(repositories: Repositories) -> None:
            account = await repositories.accounts.get(account_id)
            if account.totp is None or not account.totp.confirmed_at:
                raise Conflict("Recovery codes require an authenticator app. Set one up first.")
            totp: Totp = account.totp.with_recovery(hashes, nonce=kept)
            saved = await self._save_changed(repositories, replace(account, totp=totp))
            what = AccountActivity.RECOVERY_CODES_MADE
            await self._record_change(repositories, saved, caller, what)

        await self.store.transact(step)
        return codes

    def unsaved_recovery_codes(self, account: Account) -> Sequence[str]:
        """The recovery codes, while the owner has not confirmed that they are saved; otherwise, or
        if the server key was changed since, none."""
        return self.recovery.unsaved(account)

    async def confirm_recovery_codes_saved(self, account_id: AccountId) -> None:
        """They cannot be shown again from now on."""

        async def step(repositories: Repositories) -> None:
            account = await repositories.accounts.get(account_id)
            if account.totp and account.totp.recovery_nonce:
                totp = account.totp.recovery_saved()
                await repositories.accounts.save(replace(account, totp=totp))

        await self.store.transact(step)

    async def _save_changed(self, repositories: Repositories, account: Account) -> Account:
        """Save it with the time of the change, for which withdrawals wait."""
        return await repositories.accounts.save(
            account.with_changed_credentials(now=self.clock.now())
        )

    async def _record_change(
        self, repositories: Repositories, account: Account, caller: Caller, what: AccountActivity
    ) -> None:
        """An audit entry, and the e-mail of the same name."""
        await repositories.outbox.add(
            self.session_writer.audit_message(account, caller, what),
            self.session_writer.security_notice(account, what),
        )
