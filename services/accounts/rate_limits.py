"""Slowing down who guesses, without shutting out who is guessed at.

Counts are kept in the database, so no flush of a cache resets them. A browser that has signed in
before carries a mark and has a door of its own: strangers can shut only the strangers' door.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from core.accounts import TooManyAttempts
from core.accounts_policy import AccountPolicy
from core.policy import DAY, HOUR
from core.sessions import Caller
from ports.clock import Clock, Ids
from ports.store import Store

LOCKED = ":shut"
LOCKOUTS = ":often"
CONSECUTIVE = ":in-row"
LONG = timedelta(days=365)
"""How long a row of wrong passwords is remembered that no right one has ended."""
COUNTED = ("", LOCKED, LOCKOUTS)
"""What is kept of a door: its wrong tries, whether it is shut, and how often it was in a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimits:
    store: Store
    clock: Clock
    ids: Ids
    policy: AccountPolicy
    key: bytes

    def for_log_in(self, email: str, caller: Caller) -> tuple[str, ...]:
        """The account's and the network address's; a known browser has one door, its own."""
        nonce = self._known(email, caller.device_token)
        if nonce:
            return (f"known:{nonce}",)
        return (f"login:{email}", f"login-from:{caller.source}")

    def issue_device_token(self, email: str) -> str:
        """What a browser carries from now on that has signed in to this address."""
        nonce = self.ids.secret()
        return f"{nonce}.{self._mac(email, nonce)}"

    async def refuse_locked(self, limits: Sequence[str]) -> bool:
        """Whether there is anything to forgive at the first door. Raises `TooManyAttempts`. One
        read."""
        keys = [limit + ending for limit in limits for ending in COUNTED]
        counted = await self.store.repositories.throttles.counts(keys, now=self.clock.now())
        for limit in limits:
            if counted.get(limit + LOCKED) or counted.get(limit, 0) >= self.policy.logins_failed:
                raise TooManyAttempts
        return any(limits[0] + ending in counted for ending in COUNTED)

    async def record_failure(self, limits: Sequence[str], email: str) -> bool:
        """Count a wrong password for the address, whichever door it was tried at; whether this
        one has shut a door, each time for twice as long."""
        row, now = f"login:{email}{CONSECUTIVE}", self.clock.now()
        await self.store.repositories.throttles.increment(row, window=LONG, now=now)
        shut = [await self._count(limit) for limit in limits]
        return any(shut)

    async def _count(self, limit: str) -> bool:
        now, throttles = self.clock.now(), self.store.repositories.throttles
        tries = await throttles.increment(limit, window=self.policy.logins_window, now=now)
        if tries < self.policy.logins_failed:
            return False
        if tries > self.policy.logins_failed:
            raise TooManyAttempts
        times = await throttles.increment(limit + LOCKOUTS, window=DAY, now=now)
        await throttles.increment(limit + LOCKED, window=self._locked_for(times), now=now)
        return True

    def _locked_for(self, times: int) -> timedelta:
        longest = self.policy.logins_shut_longest
        twice: int = 2 ** min(times - 1, 10)
        return min(self.policy.logins_window * twice, longest)

    async def reset(self, limit: str) -> None:
        """The right word was said: earlier wrong ones count no longer."""
        await self.store.repositories.throttles.clear(*(limit + ending for ending in COUNTED))

    async def consecutive_failures(self, email: str) -> int:
        """Wrong passwords for this address since the last right one. Doors open again with time;
        this does not."""
        key = f"login:{email}{CONSECUTIVE}"
        return (await self.store.repositories.throttles.counts([key], now=self.clock.now())).get(
            key, 0
        )

    async def reset_consecutive_failures(self, email: str) -> None:
        """Somebody came in who is who they say."""
        await self.store.repositories.throttles.clear(f"login:{email}{CONSECUTIVE}")

    async def allow(self, key: str, *, most: int, window: timedelta = HOUR) -> bool:
        """Count one more; whether that many are allowed within the window."""
        now = self.clock.now()
        return (
            await self.store.repositories.throttles.increment(key, window=window, now=now) <= most
        )

    def _known(self, email: str, known: str) -> str | None:
        nonce, _, mac = known.partition(".")
        right = hmac.compare_digest(mac.encode(), self._mac(email, nonce).encode())
        return nonce if nonce and right else None

    def _mac(self, email: str, nonce: str) -> str:
        text = f"known|{email}|{nonce}".encode()
        return hmac.new(self.key, text, hashlib.sha256).hexdigest()


def counters_of(email: str) -> tuple[str, ...]:
    """Every counter whose name holds the address, for when it is to be forgotten."""
    limit = f"login:{email}"
    return (*(limit + ending for ending in (*COUNTED, CONSECUTIVE)), f"reset:{email}")
