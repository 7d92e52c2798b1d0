"""Password hashing and password strength."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from core.errors import Unavailable


class PasswordsBusy(Unavailable):
    """Many people are logging in at the moment. Try again in a minute."""

    code = "passwords_busy"
    service = "the check of passwords"


class Passwords(Protocol):
    """Slow password hashes, computed without blocking the event loop.

    Any text is a valid password and every character is significant. Different Unicode forms of
    the same text (é, or e and a combining accent) are one password. If too many calls are
    waiting, methods raise `PasswordsBusy` at once. A cancelled call that is still waiting does
    no work.
    """

    async def hash(self, password: str) -> str: ...

    async def matches(self, password: str, hashed: str | None) -> bool:
        """Whether the password has this hash. If `hashed` is None or not a hash of this adapter,
        returns False after the work of one hash, so that the time taken reveals nothing."""
        ...

    def outdated(self, hashed: str) -> bool:
        """Whether the hash has a lower cost than the current one: hash again at the next log-in."""
        ...

    async def weakness(self, password: str, *, words: Sequence[str]) -> str | None:
        """Why a password is easy to guess, as a message for its owner; None if it is not.

        Covers common passwords (also with digits added or in leet spelling), patterns, and
        passwords made of `words`: the owner's name and address, the site's host name.
        """
        ...
