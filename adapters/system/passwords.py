"""Passwords as bcrypt hashes, made in threads of their own."""

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
"""Hashing lets go of the interpreter but not of the processor: a flood of log-ins may take two
cores and no more."""
WAITING = 200
"""So much work may wait: at twelve rounds that is some 25 seconds, as long as people do."""

STEP_BACK = 5
"""How nice hashing is to the rest of the process: on a busy machine the event loop comes first."""

T = TypeVar("T")


def _step_back() -> None:
    """For a thread of its own priority, which Linux has."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), STEP_BACK)


class BcryptPasswords(Passwords):
    """bcrypt over a keyed hash: without the pepper, a stolen table is of no use.

    bcrypt refuses more than 72 bytes; base64 of 48 is 64, free of zero bytes, and depends on
    the whole password. `rounds` is the logarithm of the cost: 12 is a quarter of a second.
    """

    def __init__(self, pepper: str, rounds: int, *, waiting: int = WAITING) -> None:
        self._pepper = pepper.encode()
        self._rounds = rounds
        self._threads = ThreadPoolExecutor(
            THREADS, thread_name_prefix="passwords", initializer=_step_back
        )
        self._most = THREADS + waiting
        self._asked = 0

    async def hash(self, password: str) -> str:
        def work() -> str:
            return bcrypt.hashpw(self._keyed(password), bcrypt.gensalt(self._rounds)).decode()

        return await self._run(work)

    async def matches(self, password: str, hashed: str | None) -> bool:
        def work() -> bool:
            keyed, cost = self._keyed(password), _cost(hashed or "")
            if hashed is None or cost is None:
                bcrypt.checkpw(keyed, _nobodys(self._rounds))
                return False
            right = bcrypt.checkpw(keyed, hashed.encode())
            # Made up to today's cost: a quick no would tell that there is an account, an old one.
            for missing in range(cost, self._rounds):
                bcrypt.checkpw(keyed, _nobodys(missing))
            return right

        return await self._run(work)

    def outdated(self, hashed: str) -> bool:
        return (_cost(hashed) or 0) < self._rounds

    async def weakness(self, password: str, *, words: Sequence[str]) -> str | None:
        return await self._run(lambda: weakness(password, words=words, common=_common()))

    async def _run(self, work: Callable[[], T]) -> T:
        """In a thread, if not too much is waiting. Cancelled before its turn, it never runs."""
        if self._asked >= self._most:
            raise PasswordsBusy
        self._asked += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._asked -= 1

    def _keyed(self, password: str) -> bytes:
        digest = hmac.digest(self._pepper, as_bytes(password), hashlib.sha384)
        return base64.b64encode(digest)


def _cost(hashed: str) -> int | None:
    """The rounds a hash was made with; None for what is no hash of ours."""
    found = re.fullmatch(r"\$2b\$(\d\d)\$[./A-Za-z0-9]{53}", hashed, re.ASCII)
    return int(found[1]) if found else None


def _nobodys(rounds: int) -> bytes:
    """The form of a hash without a password behind it."""
    return bcrypt.gensalt(rounds) + b"." * 31


@cache
def _common() -> Mapping[str, int]:
    """Read at the first use, which takes some 30 ms."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return ranked(FREQUENCY_LISTS["passwords"])
