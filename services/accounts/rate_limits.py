"""Rate limits and lockouts against password guessing.

Counters are stored in the database, so that they survive a flush of the cache. A browser that has
signed in before carries a known-device token and has its own counter. Failures of other browsers
do not lock it (OWASP, "Slow Down Online Guessing Attacks with Device Cookies").
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta

from core.accounts import TooManyAttempts
from core.accounts_policy import AccountPolicy
from core.codes import Purpose
from core.email_addresses import mailbox
from core.policy import DAY, HOUR
from core.sessions import Caller
from ports.clock import Clock, Ids
from ports.store import Store

LOCKED = ":shut"
LOCKOUTS = ":often"
CONSECUTIVE = ":in-row"
CONSECUTIVE_WINDOW = timedelta(days=365)
"""How long consecutive wrong passwords are counted, unless a right one resets the count."""
SUFFIXES = ("", LOCKED, LOCKOUTS)
"""The counters of a limit: failed attempts, whether it is locked, and its lockouts in a day."""


@dataclass(frozen=True, slots=True)
class LogInLimits:
    """The keys of the counters of a log-in. `account` refuses when it is reached; `network`
    requires a code. `pair` is the account at this network. A known browser has its own counter as
    `account`, and no others."""

    account: str
    network: str = ""
    pair: str = ""

    @property
    def counted(self) -> tuple[str, ...]:
        """The limits with lockouts."""
        return (self.account, self.network) if self.network else (self.account,)


@dataclass(frozen=True, slots=True)
class LimitState:
    """`has_failures`: of the account; `busy_network`: its limit is reached."""

    has_failures: bool
    busy_network: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimits:
    store: Store
    clock: Clock
    ids: Ids
    policy: AccountPolicy
    key: bytes

    def for_log_in(self, email: str, caller: Caller) -> LogInLimits:
        nonce = self._valid_nonce(email, caller.device_token)
        if nonce:
            return LogInLimits(f"known:{nonce}")
        network = f"login-from:{caller.source}"
        return LogInLimits(f"login:{email}", network, f"{network}:{self._hash(email)}")

    def issue_device_token(self, email: str) -> str:
        """A known-device token for a browser that has signed in to this address."""
        nonce = self.ids.secret()
        return f"{nonce}.{self._mac(email, nonce)}"

    async def check(self, limits: LogInLimits) -> LimitState:
        """Raises `TooManyAttempts` when the account's limit is reached. One read."""
        keys = [limit + suffix for limit in limits.counted for suffix in SUFFIXES]
        counted = await self.store.repositories.throttles.counts(keys, now=self.clock.now())

        def reached(limit: str) -> bool:
            failures = counted.get(limit, 0)
            return bool(counted.get(limit + LOCKED)) or failures >= self.policy.logins_failed

        if reached(limits.account):
            raise TooManyAttempts
        return LimitState(
            has_failures=any(limits.account + suffix in counted for suffix in SUFFIXES),
            busy_network=bool(limits.network) and reached(limits.network),
        )

    async def record_failure(
        self, limits: LogInLimits, email: str, *, network: bool = True
    ) -> bool:
        """Count a wrong password: for the account, and for the network the first few of each
        account. Returns whether this one has locked the account; each lockout of a day lasts twice
        as long as the one before. Raises `TooManyAttempts` for one that was checked at once with
        others and is over the limit."""
        key, now = f"login:{email}{CONSECUTIVE}", self.clock.now()
        throttles = self.store.repositories.throttles
        await throttles.increment(key, window=CONSECUTIVE_WINDOW, now=now)
        locked = await self._count_failure(limits.account)
        if network and limits.network:
            window, most = self.policy.logins_window, self.policy.logins_failed_counted
            if await throttles.increment(limits.pair, window=window, now=now) <= most:
                await self._count_failure(limits.network)
        return locked

    async def _count_failure(self, limit: str) -> bool:
        now, throttles = self.clock.now(), self.store.repositories.throttles
        failures = await throttles.increment(limit, window=self.policy.logins_window, now=now)
        if failures < self.policy.logins_failed:
            return False
        if failures > self.policy.logins_failed:
            raise TooManyAttempts
        lockouts = await throttles.increment(limit + LOCKOUTS, window=DAY, now=now)
        await throttles.increment(limit + LOCKED, window=self._locked_for(lockouts), now=now)
        return True

    def _locked_for(self, lockouts: int) -> timedelta:
        longest = self.policy.logins_shut_longest
        factor: int = 2 ** min(lockouts - 1, 10)
        return min(self.policy.logins_window * factor, longest)

    async def reset(self, limits: LogInLimits) -> None:
        """Reset the counters of the account, after a right password. Those of the network stay:
        who guesses at others' passwords can have an account."""
        keys = (limits.account + suffix for suffix in SUFFIXES)
        await self.store.repositories.throttles.clear(*keys)

    async def consecutive_failures(self, email: str) -> int:
        """Wrong passwords for this address since the last right one; not reset by time as
        lockouts are."""
        key = f"login:{email}{CONSECUTIVE}"
        return (await self.store.repositories.throttles.counts([key], now=self.clock.now())).get(
            key, 0
        )

    async def reset_consecutive_failures(self, email: str) -> None:
        """Reset the count after a complete sign-in."""
        await self.store.repositories.throttles.clear(f"login:{email}{CONSECUTIVE}")

    async def allow(self, key: str, *, most: int, window: timedelta = HOUR) -> bool:
        """Count one call; returns whether the count in the window is at most `most`."""
        now = self.clock.now()
        return (
            await self.store.repositories.throttles.increment(key, window=window, now=now) <= most
        )

    def _valid_nonce(self, email: str, token: str) -> str | None:
        nonce, _, mac = token.partition(".")
        right = hmac.compare_digest(mac.encode(), self._mac(email, nonce).encode())
        return nonce if nonce and right else None

    def _hash(self, email: str) -> str:
        """Instead of the address in the key of a counter that erasure does not remove."""
        return hmac.new(self.key, f"pair|{email}".encode(), hashlib.sha256).hexdigest()

    def _mac(self, email: str, nonce: str) -> str:
        text = f"known|{email}|{nonce}".encode()
        return hmac.new(self.key, text, hashlib.sha256).hexdigest()


def counters_of(email: str) -> tuple[str, ...]:
    """The keys of all counters that contain the address, for its erasure."""
    limit = f"login:{email}"
    log_ins = (limit + suffix for suffix in (*SUFFIXES, CONSECUTIVE))
    codes = (codes_key(purpose, email) for purpose in Purpose)
    return (*log_ins, *codes, reset_key(email), notice_key(email))


def codes_key(purpose: Purpose, email: str) -> str:
    """The key of the counter of codes for one purpose, by the mailbox that gets them."""
    return f"codes-to:{purpose}:{mailbox(email)}"


def notice_key(email: str) -> str:
    """The key of the counter of notices that an address is taken, by mailbox."""
    return f"known:{mailbox(email)}"


def reset_key(email: str) -> str:
    """The key of the counter of reset links, by the mailbox that gets them."""
    return f"reset:{mailbox(email)}"
