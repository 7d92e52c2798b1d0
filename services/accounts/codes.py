"""Six-digit one-time codes, derived from a nonce with the secret key and never stored.

The relay sends the e-mail, so its outbox message carries the nonce. The nonce alone does not
reveal the code; with the key, every process derives the same six digits.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, replace

from core.accounts import Account
from core.accounts_messages import AccountEmail
from core.accounts_policy import AccountPolicy
from core.codes import Code, CodeTooSoon, Purpose, WrongCode, code_id
from core.digits import folded_code
from core.outbox import message
from core.policy import HOUR
from ports.clock import Clock, Ids
from ports.store import Repositories, Store
from services.accounts.rate_limits import codes_key

DIGITS = 6
TOO_MANY = "We sent several codes in the last hour. Please wait before you request another."


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeGenerator:
    key: bytes

    def code(self, code_id: str, nonce: str) -> str:
        """The six digits shown in the e-mail."""
        number = int.from_bytes(self.mac(f"code|{code_id}|{nonce}")[:8], "big")
        return f"{number % 10**DIGITS:0{DIGITS}d}"

    def token(self, nonce: str) -> str:
        """The token of a link in an e-mail: 256 bits, as hex."""
        return self.mac(f"token|{nonce}").hex()

    def digest(self, code_id: str, code: str) -> str:
        """The stored keyed hash that guesses are compared with."""
        return self.mac(f"digest|{code_id}|{code}").hex()

    def matches(self, code_id: str, guess: str, digest: str) -> bool:
        return hmac.compare_digest(self.digest(code_id, guess), digest)

    def mac(self, text: str) -> bytes:
        """A keyed hash of the text. Its first word is the purpose, so that no two purposes have
        the same text."""
        return hmac.new(self.key, text.encode(), hashlib.sha256).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTimeCodes:
    """Issues, verifies and consumes one-time codes."""

    store: Store
    code_generator: CodeGenerator
    clock: Clock
    ids: Ids
    policy: AccountPolicy

    async def issue(
        self,
        repositories: Repositories,
        purpose: Purpose,
        owner: str,
        account: Account,
        *,
        to: str = "",
        visit: str = "",
        mailed: bool = True,
    ) -> None:
        """Replace the owner's code by a new one and e-mail it, by default to the account's address.

        At most one per minute for each owner, and five per hour for each purpose and account, and
        for each purpose and mailbox, whose address may have several spellings and accounts.
        `visit` binds the code to a browser. Without `mailed` the code is stored but not sent.
        Runs in the caller's transaction. Raises `CodeTooSoon`.
        """
        name, now = code_id(purpose, owner), self.clock.now()
        before = await repositories.codes.find(name)
        wait = self.policy.code_resend_after
        if before and before.is_bound_to(visit) and now < before.sent_at + wait:
            raise CodeTooSoon
        await self._count_email(repositories, purpose, account, to or account.email)
        nonce = self.ids.secret()
        code = self._code(
            name, self.code_generator.digest(name, self.code_generator.code(name, nonce)), visit
        )
        await repositories.codes.put(code)
        if not mailed:
            return
        email = AccountEmail(
            "code",
            to or account.email,
            account.timezone,
            purpose=purpose,
            code=name,
            nonce=nonce,
            expires=code.expires_at,
        )
        await repositories.outbox.add(message(email, f"{name}:{code.digest[:16]}", due_at=now))

    async def _count_email(
        self, repositories: Repositories, purpose: Purpose, account: Account, to: str
    ) -> None:
        now, throttles = self.clock.now(), repositories.throttles
        for key in (hourly_codes_key(purpose, account), codes_key(purpose, to)):
            sent = await throttles.increment(key, window=HOUR, now=now)
            if sent > self.policy.codes_per_hour:
                raise CodeTooSoon(TOO_MANY)

    async def bind(
        self, repositories: Repositories, purpose: Purpose, owner: str, *, visit: str
    ) -> None:
        """Bind the owner's next code to a browser, if the owner has no code: the browser can
        request one later, when no more can be sent now. Runs in the caller's transaction."""
        name = code_id(purpose, owner)
        if await repositories.codes.find(name) is None:
            earlier = self.clock.now() - self.policy.code_resend_after
            await repositories.codes.put(replace(self._code(name, "", visit), sent_at=earlier))

    async def allow_attempts(
        self, repositories: Repositories, purpose: Purpose, owner: str
    ) -> None:
        """Allow attempts without an e-mail, for codes of an authenticator app. Repeated calls do
        not add attempts before the current ones expire. Runs in the caller's transaction."""
        name = code_id(purpose, owner)
        before = await repositories.codes.find(name)
        if before is None or before.digest or before.expires_at <= self.clock.now():
            await repositories.codes.put(self._code(name, "", ""))

    async def use_attempt(self, purpose: Purpose, owner: str) -> Code:
        """Use one attempt before the code is compared. Raises `WrongCode` when none is left."""
        code = await self.store.repositories.codes.use_attempt(
            code_id(purpose, owner), now=self.clock.now()
        )
        if code is None:
            raise WrongCode
        return code

    async def verify(self, purpose: Purpose, owner: str, guess: str, *, visit: str) -> Code:
        """Check a guess of the e-mailed code; `consume` must follow in the transaction that relies
        on it. A guess from another browser uses no attempt. Raises `WrongCode`."""
        digits = parse_digits(guess)
        found = await self.store.repositories.codes.find(code_id(purpose, owner))
        if found is None or not found.is_bound_to(visit):
            raise WrongCode
        code = await self.use_attempt(purpose, owner)
        self.check(code, digits, visit)
        return code

    def check(self, code: Code, digits: str, visit: str = "") -> None:
        """Raises `WrongCode` unless these are the digits of the code, in the right browser."""
        right = bool(code.digest) and self.code_generator.matches(code.id, digits, code.digest)
        if not right or not code.is_bound_to(visit):
            raise WrongCode

    async def consume(self, repositories: Repositories, code: Code) -> None:
        """Delete the code, in the transaction of the change that it authorises. Raises `WrongCode`
        when it was used or replaced meanwhile."""
        found = await repositories.codes.find(code.id)
        if found is None or found.digest != code.digest:
            raise WrongCode
        await repositories.codes.remove(code.id)

    async def invalidate(self, repositories: Repositories, purpose: Purpose, owner: str) -> None:
        """Make the code unusable, even if the relay sends it again. Runs in the caller's
        transaction."""
        found = await repositories.codes.find(code_id(purpose, owner))
        if found is not None:
            await repositories.codes.put(replace(found, tries_left=0))

    def _code(self, name: str, digest: str, visit: str) -> Code:
        now = self.clock.now()
        return Code(
            id=name,
            digest=digest,
            sent_at=now,
            expires_at=now + self.policy.code_life,
            tries_left=self.policy.code_tries,
            visit=visit,
        )


def daily_failures_key(account: Account) -> str:
    """The key of the counter of an account's wrong one-time codes."""
    return f"codes-failed:{account.id}"


def hourly_codes_key(purpose: Purpose, account: Account) -> str:
    """The key of the counter of codes e-mailed for an account and one purpose."""
    return f"codes:{purpose}:{account.id}"


def hourly_keys(purpose: Purpose, account: Account) -> tuple[str, str]:
    """The keys of both counters for codes sent to the account's own address."""
    return hourly_codes_key(purpose, account), codes_key(purpose, account.email)


def parse_digits(guess: str) -> str:
    """The six digits, typed in any script and with separators. Raises `WrongCode` for other input;
    uses no attempt."""
    digits = folded_code(guess)
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdecimal()):
        raise WrongCode(_wrong_form(digits))
    return digits


def _wrong_form(typed: str) -> str:
    if not typed:
        return "Enter the code."
    if not typed.isdecimal():
        return f"The code has {DIGITS} digits and nothing else."
    return f"The code has {DIGITS} digits. You entered {len(typed)}."
