"""Access tokens of the API: what they say, and who can tell a true one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.errors import Forbidden


class TokenRefused(Forbidden):
    """This access token is not valid. Get a new one."""

    code = "token_refused"


@dataclass(frozen=True, slots=True)
class Claims:
    """Who a program acts for, by which session, and until when.

    `token_id` is a name of its own for each token. Times count in whole seconds: a token
    forgets what is finer.
    """

    account_id: str
    session_id: str
    issued_at: datetime
    expires_at: datetime
    token_id: str


class TokenSigner(Protocol):
    """Makes access tokens that nobody else can make, and that no other house accepts.

    Every process with the same keys reads what any of them has signed. Several keys are
    known at once, by name: the first signs, all are read, so that keys change without a pause.
    """

    def sign(self, claims: Claims) -> str:
        """A text of letters, digits and ".-_" alone."""
        ...

    def verify(self, token: str, *, now: datetime) -> Claims:
        """What a token of ours says that is valid now, give or take 30 seconds between clocks.

        Raises `TokenRefused` for everything else, whatever it is, and nothing but that.
        """
        ...
