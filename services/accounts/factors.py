"""The second factor: asking for it, proving it, and turning it on and off."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.accounts import Account, AccountId, TooManyAttempts
from core.accounts_policy import AccountPolicy
from core.codes import Code, Purpose, WrongCode
from core.errors import Conflict
from core.factors import HANDLE, RECOVERY_CODES, Factor, Totp
from core.policy import DAY
from core.sessions import Caller
from ports.clock import Clock, Ids
from ports.factors import Authenticator
from ports.passwords import Passwords
from ports.store import Repositories, Store
from services.accounts.codes import OneTimeCodes, daily_failures_key, hourly_codes_key, parse_digits
from services.accounts.session_writer import SessionWriter

TOO_MANY_CODES = "Too many wrong codes today. Set a new password to go on."


@dataclass(frozen=True, slots=True)
class VerifiedCode:
    """What was shown and found right; it counts when `FactorService.spend` has written it."""

    purpose: Purpose
    code: Code
    account_id: AccountId
    step: int | None = None
    handle: str | None = None


@dataclass(frozen=True, slots=True)
class AppSetup:
    """What an authenticator app is set up with; shown once."""

    secret: str
    address: str
    picture: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorService:
    store: Store
    codes: OneTimeCodes
    session_writer: SessionWriter
    authenticator: Authenticator
    passwords: Passwords
    clock: Clock
    ids: Ids
    policy: AccountPolicy

    async def request_code(
        self, repositories: Repositories, purpose: Purpose, owner: str, account: Account
    ) -> Factor:
        """Mail a code, or get ready for one of the app: what is asked for now. Part of a step.
        Raises `CodeTooSoon`."""
        factor = account.factor or Factor.EMAIL
        if factor is Factor.TOTP:
            await self.codes.allow_attempts(repositories, purpose, owner)
        else:
            await self.codes.issue(repositories, purpose, owner, account)
        return factor

    async def verify_code(
        self, purpose: Purpose, owner: str, account: Account, guess: str
    ) -> VerifiedCode:
        """Whether the guess is right: a mailed code, one of the app, or a recovery code.

        A try is used up before anything is compared, of this code and of all those the account
        has in a day. Raises `WrongCode` or `TooManyAttempts`.
        """
        recovery = account.factor is Factor.TOTP and any(mark.isalpha() for mark in guess)
        typed = guess if recovery else parse_digits(guess)
        wrong, throttles = daily_failures_key(account), self.store.repositories.throttles
        counted = await throttles.counts([wrong], now=self.clock.now())
        if counted.get(wrong, 0) >= self.policy.codes_failed:
            raise TooManyAttempts(TOO_MANY_CODES)
        code = await self.codes.use_attempt(purpose, owner)
        # Counted as wrong until it is known to be right: of many guesses at once, over any
        # number of log-ins, those beyond the day's worth are never compared.
        tries = await throttles.increment(wrong, window=DAY, now=self.clock.now())
        if tries > self.policy.codes_failed:
            raise TooManyAttempts(TOO_MANY_CODES)
        step, handle = await self._compare(code, account, typed, recovery=recovery)
        await throttles.decrement(wrong, now=self.clock.now())
        return VerifiedCode(purpose, code, account.id, step, handle)

    async def _compare(
        self, code: Code, account: Account, typed: str, *, recovery: bool
    ) -> tuple[int | None, str | None]:
        """The app's time step or the recovery code's handle, if it was one of these."""
        totp = account.totp
        if account.factor is not Factor.TOTP or totp is None:
            self.codes.check(code, typed)
            return None, None
        if recovery:
            handle, rest = split_recovery_code(typed)
            if not await self.passwords.matches(rest, totp.recovery_hash(handle)):
                raise WrongCode("This recovery code is not one of yours, or it has been used.")
            return None, handle
        step = self.authenticator.step(account.id, totp.nonce, typed, now=self.clock.now())
        if step is None or step <= totp.last_step:
            raise WrongCode("The app shows another code by now. Wait for the next, and type that.")
        return step, None

    async def consume(
        self, repositories: Repositories, proof: VerifiedCode, caller: Caller
    ) -> Account:
        """Nothing of it works a second time. Part of a step; raises `WrongCode` when another
        request was first."""
        await self.codes.consume(repositories, proof.code)
        account = await repositories.accounts.get(proof.account_id)
        # Codes that were entered were asked for by their owner: they use up no hour's worth.
        await repositories.throttles.clear(hourly_codes_key(proof.purpose, account))
        if proof.step is None and proof.handle is None:
            return account
        changed = self._used(account, proof)
        if proof.handle:
            left = str(len(changed.totp.recovery)) if changed.totp else "0"
            await repositories.outbox.add(
                self.session_writer.audit_message(account, caller, "recovery_code_used", left=left),
                self.session_writer.security_notice(account, "recovery_code_used", left=left),
            )
        return await repositories.accounts.save(changed)

    def _used(self, account: Account, proof: VerifiedCode) -> Account:
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
        """Ask for a code at log-in, or no longer. Raises `FactorNeeded`."""

        async def step(repositories: Repositories) -> Account:
            account = await repositories.accounts.get(account_id)
            if on == (account.factor is not None):
                return account
            saved = await repositories.accounts.save(account.turn_two_factor(on))
            await self._tell(
                repositories, saved, caller, "two_factor_on" if on else "two_factor_off"
            )
            return saved

        return await self.store.transact(step)

    async def start_app_setup(self, account_id: AccountId) -> AppSetup:
        """A new secret to scan. It counts once `confirm_app` has seen a code of it."""
        nonce = self.ids.secret()

        async def step(repositories: Repositories) -> Account:
            account = await repositories.accounts.get(account_id)
            return await repositories.accounts.save(account.begin_totp(nonce))

        return self._shown(await self.store.transact(step), nonce)

    async def pending_app(self, account: Account) -> AppSetup | None:
        """The secret that is being set up, for a page that is loaded again."""
        totp = account.totp
        return self._shown(account, totp.nonce) if totp and not totp.confirmed_at else None

    def _shown(self, account: Account, nonce: str) -> AppSetup:
        address = self.authenticator.provisioning_uri(account.id, nonce, email=account.email)
        secret = self.authenticator.secret(account.id, nonce)
        return AppSetup(secret, address, self.authenticator.qr_code(address))

    async def confirm_app(
        self, account_id: AccountId, *, code: str, caller: Caller
    ) -> Sequence[str]:
        """The app shows the right code, so from now on it is asked for. Returns the recovery
        codes, which are shown once. Raises `WrongCode`."""
        account = await self.store.repositories.accounts.get(account_id)
        digits, totp = parse_digits(code), account.totp
        if totp is None or totp.confirmed_at:
            raise Conflict("Begin again: there is no app waiting for its first code.")
        found = self.authenticator.step(account.id, totp.nonce, digits, now=self.clock.now())
        if found is None:
            raise WrongCode("This is not the code the app should show. Is its clock right?")
        shown, kept = await self._new_recovery_codes()

        async def step(repositories: Repositories) -> None:
            current = await repositories.accounts.get(account_id)
            if current.totp != totp:
                raise Conflict
            confirmed = totp.confirm(now=self.clock.now(), step=found, recovery=kept)
            saved = await repositories.accounts.save(replace(current, totp=confirmed))
            await self._tell(repositories, saved, caller, "totp_on")

        await self.store.transact(step)
        return shown

    async def remove_app(self, account_id: AccountId, *, caller: Caller) -> Account:
        """Codes come by mail again, if a second factor is on."""

        async def step(repositories: Repositories) -> Account:
            account = await repositories.accounts.get(account_id)
            if account.totp is None:
                return account
            on = account.two_factor or account.totp.confirmed_at is not None
            saved = await repositories.accounts.save(replace(account, totp=None, two_factor=on))
            if account.totp.confirmed_at:
                await self._tell(repositories, saved, caller, "totp_off")
            return saved

        return await self.store.transact(step)

    async def renew_recovery_codes(self, account_id: AccountId, *, caller: Caller) -> Sequence[str]:
        """Ten new ones; the old work no longer."""
        shown, kept = await self._new_recovery_codes()

        async def step(repositories: Repositories) -> None:
            account = await repositories.accounts.get(account_id)
            if account.totp is None or not account.totp.confirmed_at:
                raise Conflict("Recovery codes belong to an authenticator app. Set one up first.")
            totp: Totp = replace(account.totp, recovery=kept)
            saved = await repositories.accounts.save(replace(account, totp=totp))
            await self._tell(repositories, saved, caller, "recovery_codes_made")

        await self.store.transact(step)
        return shown

    async def _new_recovery_codes(self) -> tuple[list[str], tuple[tuple[str, str], ...]]:
        shown: dict[str, str] = {}
        while len(shown) < RECOVERY_CODES:
            letters = base64.b32encode(hashlib.sha256(self.ids.secret().encode()).digest())
            code = letters.decode().lower()[: HANDLE + 10]
            shown[code[:HANDLE]] = code
        kept = [(h, await self.passwords.hash(code[HANDLE:])) for h, code in shown.items()]
        return [f"{c[:HANDLE]}-{c[2:7]}-{c[7:]}" for c in shown.values()], tuple(kept)

    async def _tell(
        self, repositories: Repositories, account: Account, caller: Caller, what: str
    ) -> None:
        await repositories.outbox.add(
            self.session_writer.audit_message(account, caller, what),
            self.session_writer.security_notice(account, what),
        )


def split_recovery_code(recovery: str) -> tuple[str, str]:
    """Handle and secret of a recovery code, however it was typed."""
    letters = "".join(mark for mark in recovery.lower() if mark.isalnum())[:64]
    return letters[:HANDLE], letters[HANDLE:]
