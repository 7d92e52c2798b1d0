"""Second factors: codes by e-mail, authenticator apps (TOTP) and recovery codes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

RECOVERY_CODES = 10
HANDLE = 2
"""Length of a handle: the first letters of a recovery code, which identify it. The rest is
secret."""


class Factor(StrEnum):
    """`EMAIL` is the weaker one: access to the mailbox gives both the code and the reset link."""

    EMAIL = "email"
    TOTP = "totp"


@dataclass(frozen=True, slots=True)
class Totp:
    """An authenticator app (RFC 6238). Its secret is derived from `nonce` with a server key.

    `last_step` is the time step of the last accepted code; a code is accepted once. `recovery`
    has a pair for each unused recovery code: its handle and the hash of the rest. While their owner
    has not confirmed that they are saved, `recovery_nonce` is what the codes are derived from with
    a server key, so that they can be shown again; afterwards it is empty.
    """

    nonce: str
    confirmed_at: datetime | None = None
    last_step: int = 0
    recovery: tuple[tuple[str, str], ...] = ()
    recovery_nonce: str = ""

    def confirm(
        self, *, now: datetime, step: int, recovery: tuple[tuple[str, str], ...], nonce: str = ""
    ) -> Self:
        """The first code, of time step `step`, was correct: the app is in use from now on."""
        confirmed = replace(self, confirmed_at=now, last_step=step)
        return confirmed.with_recovery(recovery, nonce=nonce)

    def with_recovery(self, recovery: tuple[tuple[str, str], ...], *, nonce: str = "") -> Self:
        """New recovery codes; the earlier ones are no longer accepted."""
        return replace(self, recovery=recovery, recovery_nonce=nonce)

    def recovery_saved(self) -> Self:
        """The owner has saved the recovery codes: they cannot be shown again."""
        return replace(self, recovery_nonce="")

    def use(self, step: int) -> Self:
        """A code of this time step was accepted."""
        return replace(self, last_step=step)

    def recovery_hash(self, handle: str) -> str | None:
        """The hash of the unused recovery code with this handle."""
        return dict(self.recovery).get(handle)

    def use_recovery_code(self, handle: str) -> Self:
        """Remove a used recovery code: each is accepted once. Whoever uses one has saved them."""
        left = tuple(pair for pair in self.recovery if pair[0] != handle)
        return replace(self, recovery=left, recovery_nonce="")
