"""How passwords are kept, and which ones are no good."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from core.errors import Unavailable


class PasswordsBusy(Unavailable):
    """Many people are logging in at this moment. Try again in a minute."""

    code = "passwords_busy"


class Passwords(Protocol):
    """Turns passwords into hashes that are dear to guess, without stopping the event loop.

    Any text is a password, and every character of it counts; the same letters composed
    differently (é, or e and an accent) are one password. What is asked for while too much is
    waiting raises `PasswordsBusy` at once; whoever no longer waits costs no work.
    """

    async def hash(self, password: str) -> str: ...

    async def matches(self, password: str, hashed: str | None) -> bool:
        """With `hashed` None, or nothing this keeper ever made, does the work of one hash of
        today's cost and says no, so that nothing is told by time."""
        ...

    def outdated(self, hashed: str) -> bool:
        """Made at a lower cost than today's: hash the password anew at the next log-in."""
        ...

    async def weakness(self, password: str, *, words: Sequence[str]) -> str | None:
        """What is wrong with a password that is soon guessed, as a sentence for its owner.

        Common ones, also decorated or spelt with digits; patterns; and those made of `words`:
        the owner's name and address, the site's host. None when there is nothing to say.
        """
        ...
