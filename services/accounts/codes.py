"""Six-digit codes that exist in no database: derived from a nonce with the house's key.

The mail is sent by a relay, so its effect must carry what the code is made from. A nonce
alone tells nothing; with the key it gives the same six digits in any process.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, replace

from core.accounts import Account, AccountEmail
from core.accounts_policy import AccountPolicy
from core.codes import Code, CodeTooSoon, Purpose, WrongCode, code_id
from core.outbox import message
from core.policy import HOUR
from ports.clock import Clock, Ids
from ports.store import Repositories, Store

DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeGenerator:
    key: bytes

    def code(self, code_id: str, nonce: str) -> str:
        """The digits the mail shows."""
        number = int.from_bytes(self._mac(f"code|{code_id}|{nonce}")[:8], "big")
        return f"{number % 10**DIGITS:0{DIGITS}d}"

    def token(self, nonce: str) -> str:
        """What a link in a mail carries: 256 bits."""
        return self._mac(f"token|{nonce}").hex()

    def digest(self, code_id: str, code: str) -> str:
        """What is kept to compare a guess with."""
        return self._mac(f"digest|{code_id}|{code}").hex()

    def matches(self, code_id: str, guess: str, digest: str) -> bool:
        return hmac.compare_digest(self.digest(code_id, guess), digest)

    def _mac(self, text: str) -> bytes:
        return hmac.new(self.key, text.encode(), hashlib.sha256).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTimeCodes:
    """Owing a code, and spending one."""

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
        """A fresh code in place of the one before, mailed `to` an address, usually the account's.

        One a minute for each owner and five an hour for each account and purpose. Part of a
        step; not `mailed`, it is one that nobody learns. Raises `CodeTooSoon`.
        """
        name, now = code_id(purpose, owner), self.clock.now()
        before = await repositories.codes.find(name)
        pause = self.policy.code_resend_after
        if before and before.is_bound_to(visit) and now < before.sent_at + pause:
            raise CodeTooSoon
        hour = hourly_codes_key(purpose, account)
        sent = await repositories.throttles.increment(hour, window=HOUR, now=now)
        if sent > self.policy.codes_per_hour:
            raise CodeTooSoon(
                "We sent several codes in the last hour. Wait a while, then ask again."
            )
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

    async def allow_attempts(
        self, repositories: Repositories, purpose: Purpose, owner: str
    ) -> None:
        """Tries without a mail: for a code that an app shows. Asking again brings no new ones
        before their time is over. Part of a step."""
        name = code_id(purpose, owner)
        before = await repositories.codes.find(name)
        if before is None or before.digest or before.expires_at <= self.clock.now():
            await repositories.codes.put(self._code(name, "", ""))

    async def use_attempt(self, purpose: Purpose, owner: str) -> Code:
        """One try less, before anything is compared. Raises `WrongCode` when none is left."""
        code = await self.store.repositories.codes.use_attempt(
            code_id(purpose, owner), now=self.clock.now()
        )
        if code is None:
            raise WrongCode
        return code

    async def verify(self, purpose: Purpose, owner: str, guess: str, *, visit: str) -> Code:
        """The mailed code, if that is it; it counts when `use` has written so. Guesses from
        other browsers cost none of its tries. Raises `WrongCode`."""
        digits = parse_digits(guess)
        there = await self.store.repositories.codes.find(code_id(purpose, owner))
        if there is None or not there.is_bound_to(visit):
            raise WrongCode
        code = await self.use_attempt(purpose, owner)
        self.check(code, digits, visit)
        return code

    def check(self, code: Code, digits: str, visit: str = "") -> None:
        right = bool(code.digest) and self.code_generator.matches(code.id, digits, code.digest)
        if not right or not code.is_bound_to(visit):
            raise WrongCode

    async def consume(self, repositories: Repositories, code: Code) -> None:
        """It works no second time. Part of a step, so that what it was right for is what is
        changed; raises `WrongCode` when it was used or replaced meanwhile."""
        found = await repositories.codes.find(code.id)
        if found is None or found.digest != code.digest:
            raise WrongCode
        await repositories.codes.remove(code.id)

    async def invalidate(self, repositories: Repositories, purpose: Purpose, owner: str) -> None:
        """It opens nothing from now on, also when a relay mails it once more. Part of a step."""
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
    """The counter of an account's one-time codes that were tried and not right."""
    return f"codes-failed:{account.id}"


def hourly_codes_key(purpose: Purpose, account: Account) -> str:
    """The counter of the codes mailed to an account for one purpose."""
    return f"codes:{purpose}:{account.id}"


def parse_digits(guess: str) -> str:
    """The six digits somebody typed, without the gaps. Raises `WrongCode`, which costs no try."""
    digits = "".join(guess.split())
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdecimal()):
        raise WrongCode(f"The code has {DIGITS} digits, this one has {len(digits)}.")
    return digits
