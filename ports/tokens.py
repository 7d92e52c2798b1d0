"""Access tokens of the API: claims, signing and verification."""

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
    """The claims of an access token: account, session and validity.

    `token_id` is unique for each token. Times are in UTC; tokens store whole seconds.
    """

    account_id: str
    session_id: str
    issued_at: datetime
    expires_at: datetime
    token_id: str


class TokenSigner(Protocol):
    """Signs and verifies access tokens. They are valid for one issuer and one audience.

    Every process with the same keys accepts the tokens of the others. There can be several named
    keys: the first one signs, all are accepted, so that keys can be rotated without downtime.
    """

    def sign(self, claims: Claims) -> str:
        """The token: letters, digits and ".-_"."""
        ...

    def verify(self, token: str, *, now: datetime) -> Claims:
        """The claims of a valid token, with a leeway of 30 seconds for differing clocks.

        Raises `TokenRefused` for every other text, and no other error.
        """
        ...
