"""Passwords for tests: the same promise of right and wrong, in no time."""

from __future__ import annotations

import hashlib
import hmac

from ports.accounts import Passwords


class PlainPasswords(Passwords):
    """Fast, and therefore never for people's passwords."""

    async def hash(self, password: str) -> str:
        return hashlib.sha256(password.encode()).hexdigest()

    async def matches(self, password: str, hashed: str | None) -> bool:
        digest = await self.hash(password)
        return hashed is not None and hmac.compare_digest(digest, hashed)
