"""The second factor: what somebody shows beside the password."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

RECOVERY_CODES = 10
HANDLE = 2
"""So many letters at the head of a recovery code say which one it is; the rest is secret."""


class Factor(StrEnum):
    """`EMAIL` is the weaker one: who reads the mails has both the code and the reset link."""

    EMAIL = "email"
    TOTP = "totp"


@dataclass(frozen=True, slots=True)
class Totp:
    """An authenticator app (RFC 6238). Its secret is made from `nonce` with the house's key.

    `last_step` is the time step of the last code taken: none is taken twice. `recovery` maps
    the handle of each unused recovery code to the hash of its rest, as pairs.
    """

    nonce: str
    confirmed_at: datetime | None = None
    last_step: int = 0
    recovery: tuple[tuple[str, str], ...] = ()

    def confirm(self, *, now: datetime, step: int, recovery: tuple[tuple[str, str], ...]) -> Self:
        return replace(self, confirmed_at=now, last_step=step, recovery=recovery)

    def use(self, step: int) -> Self:
        """A code of that time step was right."""
        return replace(self, last_step=step)

    def recovery_hash(self, handle: str) -> str | None:
        return dict(self.recovery).get(handle)

    def use_recovery_code(self, handle: str) -> Self:
        """Each recovery code works once."""
        left = tuple(pair for pair in self.recovery if pair[0] != handle)
        return replace(self, recovery=left)
