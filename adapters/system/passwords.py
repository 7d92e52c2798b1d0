"""Password hashes with bcrypt, computed in separate threads."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import os
import re
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from typing import TypeVar

import bcrypt

from core.passwords import as_bytes, ranked, weakness
from ports.passwords import Passwords, PasswordsBusy

THREADS = 2
"""Hashing releases the GIL but needs a core: many log-ins at once use at most two cores."""
WAITING = 200
"""Maximum number of waiting calls: about 25 seconds of work at twelve rounds."""

NICENESS = 5
"""The niceness of hashing threads, so that the event loop has priority on a busy machine."""

T = TypeVar("T")


def _lower_priority() -> None:
    """Lower the priority of the current thread, which only Linux supports."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


class BcryptPasswords(Passwords):
    """bcrypt of an HMAC-SHA384 with `pepper`, without which stolen hashes cannot be attacked.

    bcrypt accepts at most 72 bytes. The base64 form of the 48-byte HMAC has 64 bytes without zero
    bytes, and depends on the whole password. `rounds` is the base-2 logarithm of the cost: 12
    takes about a quarter of a second. `waiting` is the maximum number of waiting calls.
    """

    def __init__(self, pepper: str, rounds: int, *, waiting: int = WAITING) -> None:
        self._pepper = pepper.encode()
        self._rounds = rounds
        self._threads = ThreadPoolExecutor(
            THREADS, thread_name_prefix="passwords", initializer=_lower_priority
        )
        self._pending_at_most = THREADS + waiting
        self._pending = 0

    async def hash(self, password: str) -> str:
        def work() -> str:
            return bcrypt.hashpw(self._keyed(password), bcrypt.gensalt(self._rounds)).decode()

        return await self._run(work)

    async def matches(self, password: str, hashed: str | None) -> bool:
        def work() -> bool:
            keyed, cost = self._keyed(password), _cost(hashed or "")
            if hashed is None or cost is None:
                bcrypt.checkpw(keyed, _dummy_hash(self._rounds))
                return False
            right = bcrypt.checkpw(keyed, hashed.encode())
            # Brought up to the current cost: a faster result would reveal an old account.
            for missing in range(cost, self._rounds):
                bcrypt.checkpw(keyed, _dummy_hash(missing))
            return right

        return await self._run(work)

    def outdated(self, hashed: str) -> bool:
        return (_cost(hashed) or 0) < self._rounds

    async def weakness(self, password: str, *, words: Sequence[str]) -> str | None:
        return await self._run(lambda: weakness(password, words=words, common=_common()))

    async def _run(self, work: Callable[[], T]) -> T:
        """Run in a thread. Raises `PasswordsBusy` if too many calls are waiting. A call that is
        cancelled before it started never runs."""
        if self._pending >= self._pending_at_most:
            raise PasswordsBusy
        self._pending += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._pending -= 1

    def _keyed(self, password: str) -> bytes:
        digest = hmac.digest(self._pepper, as_bytes(password), hashlib.sha384)
        return base64.b64encode(digest)


def _cost(hashed: str) -> int | None:
    """The rounds of a hash; None for a text that is not a bcrypt hash."""
    found = re.fullmatch(r"\$2b\$(\d\d)\$[./A-Za-z0-9]{53}", hashed, re.ASCII)
    return int(found[1]) if found else None


def _dummy_hash(rounds: int) -> bytes:
    """A valid hash that matches no password."""
    return bcrypt.gensalt(rounds) + b"." * 31


@cache
def _common() -> Mapping[str, int]:
    """Ranks of common passwords, loaded at first use, which takes about 30 ms."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return ranked(FREQUENCY_LISTS["passwords"])
