"""Passwords as bcrypt hashes, made in threads of their own."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from concurrent.futures import ThreadPoolExecutor

import bcrypt

from ports.accounts import Passwords

THREADS = 2
"""Hashing lets go of the interpreter but not of the processor: a flood of log-ins may take two
cores and no more."""


class BcryptPasswords(Passwords):
    """bcrypt over a keyed hash: without the pepper, a stolen table is of no use.

    bcrypt refuses more than 72 bytes; base64 of 48 is 64, free of zero bytes, and depends on
    the whole password. `rounds` is the logarithm of the cost: 12 is a quarter of a second.
    """

    def __init__(self, pepper: str, rounds: int) -> None:
        self._pepper = pepper.encode()
        self._rounds = rounds
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="passwords")
        self._nobodys = bcrypt.hashpw(b"nobody's", bcrypt.gensalt(rounds))

    async def hash(self, password: str) -> str:
        def work() -> str:
            return bcrypt.hashpw(self._keyed(password), bcrypt.gensalt(self._rounds)).decode()

        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def matches(self, password: str, hashed: str | None) -> bool:
        kept = self._nobodys if hashed is None else hashed.encode()

        def work() -> bool:
            return bcrypt.checkpw(self._keyed(password), kept)

        right = await asyncio.get_running_loop().run_in_executor(self._threads, work)
        return right and hashed is not None

    def _keyed(self, password: str) -> bytes:
        return base64.b64encode(hmac.digest(self._pepper, password.encode(), hashlib.sha384))
