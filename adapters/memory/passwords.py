"""Fast password hashes for tests."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache

from core.passwords import as_bytes, ranked, weakness
from ports.passwords import Passwords, PasswordsBusy


class PlainPasswords(Passwords):
    """Not secure, for tests only.

    `cost` is only a number in the hash, `hashed` counts the computed hashes. While `busy` is True,
    methods raise `PasswordsBusy`.
    """

    def __init__(self, cost: int = 4) -> None:
        self.cost = cost
        self.hashed = 0
        self.busy = False

    async def hash(self, password: str) -> str:
        return f"plain${self.cost}${self._digest(password)}"

    async def matches(self, password: str, hashed: str | None) -> bool:
        digest = self._digest(password)
        return digest == (hashed or "").rpartition("$")[2]

    def outdated(self, hashed: str) -> bool:
        kind, _, rest = hashed.partition("$")
        return kind != "plain" or int(rest.partition("$")[0]) < self.cost

    async def weakness(self, password: str, *, words: Sequence[str]) -> str | None:
        self._refuse_when_busy()
        return weakness(password, words=words, common=_common())

    def _digest(self, password: str) -> str:
        self._refuse_when_busy()
        self.hashed += 1
        return hashlib.sha256(as_bytes(password)).hexdigest()

    def _refuse_when_busy(self) -> None:
        if self.busy:
            raise PasswordsBusy


@cache
def _common() -> Mapping[str, int]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return ranked(FREQUENCY_LISTS["passwords"])
