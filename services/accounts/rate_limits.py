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

from core.accounts import TooManyTries
from core.policy import DAY, HOUR, Policy
from core.sessions import Caller
from ports.clock import Clock, Ids
from ports.store import Store

SHUT = ":shut"
OFTEN = ":often"
IN_ROW = ":in-row"
LONG = timedelta(days=365)
"""How long a row of wrong passwords is remembered that no right one has ended."""
COUNTED = ("", SHUT, OFTEN)
"""What is kept of a door: its wrong tries, whether it is shut, and how often it was in a day."""


@dataclass(frozen=True, slots=True)
class Doors:
    store: Store
    clock: Clock
    ids: Ids
    policy: Policy
    key: bytes

    def of_log_in(self, email: str, caller: Caller) -> tuple[str, ...]:
        """The account's and the network address's; a known browser has one door, its own."""
        nonce = self._known(email, caller.known)
        if nonce:
            return (f"known:{nonce}",)
        return (f"login:{email}", f"login-from:{caller.source}")

    def mark(self, email: str) -> str:
        """What a browser carries from now on that has signed in to this address."""
        nonce = self.ids.secret()
        return f"{nonce}.{self._mac(email, nonce)}"

    async def refuse_shut(self, doors: Sequence[str]) -> bool:
        """Whether there is anything to forgive at the first door. Raises `TooManyTries`. One
        read."""
        keys = [door + ending for door in doors for ending in COUNTED]
        counted = await self.store.books.throttles.counted(keys, now=self.clock.now())
        for door in doors:
            if counted.get(door + SHUT) or counted.get(door, 0) >= self.policy.logins_failed:
                raise TooManyTries
        return any(doors[0] + ending in counted for ending in COUNTED)

    async def failed(self, doors: Sequence[str], email: str) -> bool:
        """Count a wrong password for the address, whichever door it was tried at; whether this
        one has shut a door, each time for twice as long."""
        row, now = f"login:{email}{IN_ROW}", self.clock.now()
        await self.store.books.throttles.count(row, window=LONG, now=now)
        shut = [await self._count(door) for door in doors]
        return any(shut)

    async def _count(self, door: str) -> bool:
        now, throttles = self.clock.now(), self.store.books.throttles
        tries = await throttles.count(door, window=self.policy.logins_window, now=now)
        if tries < self.policy.logins_failed:
            return False
        if tries > self.policy.logins_failed:
            raise TooManyTries
        times = await throttles.count(door + OFTEN, window=DAY, now=now)
        await throttles.count(door + SHUT, window=self._shut_for(times), now=now)
        return True

    def _shut_for(self, times: int) -> timedelta:
        longest = self.policy.logins_shut_longest
        twice: int = 2 ** min(times - 1, 10)
        return min(self.policy.logins_window * twice, longest)

    async def forgive(self, door: str) -> None:
        """The right word was said: earlier wrong ones count no longer."""
        await self.store.books.throttles.clear(*(door + ending for ending in COUNTED))

    async def in_row(self, email: str) -> int:
        """Wrong passwords for this address since the last right one. Doors open again with time;
        this does not."""
        key = f"login:{email}{IN_ROW}"
        return (await self.store.books.throttles.counted([key], now=self.clock.now())).get(key, 0)

    async def end_row(self, email: str) -> None:
        """Somebody came in who is who they say."""
        await self.store.books.throttles.clear(f"login:{email}{IN_ROW}")

    async def pass_one(self, key: str, *, most: int, window: timedelta = HOUR) -> bool:
        """Count one more; whether that many are allowed within the window."""
        now = self.clock.now()
        return await self.store.books.throttles.count(key, window=window, now=now) <= most

    def _known(self, email: str, known: str) -> str | None:
        nonce, _, mac = known.partition(".")
        right = hmac.compare_digest(mac.encode(), self._mac(email, nonce).encode())
        return nonce if nonce and right else None

    def _mac(self, email: str, nonce: str) -> str:
        text = f"known|{email}|{nonce}".encode()
        return hmac.new(self.key, text, hashlib.sha256).hexdigest()


def counters_of(email: str) -> tuple[str, ...]:
    """Every counter whose name holds the address, for when it is to be forgotten."""
    door = f"login:{email}"
    return (*(door + ending for ending in (*COUNTED, IN_ROW)), f"reset:{email}")
