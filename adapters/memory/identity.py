"""An identity provider in memory. `consent` and `deny` return the callback's parameters."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from urllib.parse import parse_qsl, urlencode, urlsplit

from core.accounts import folded_email
from ports.identity import (
    Attempt,
    Identity,
    IdentityProvider,
    IdentityRefused,
    IdentityUnavailable,
)


@dataclass(frozen=True, slots=True)
class _Grant:
    """The user and the attempt of an authorization code."""

    user: Identity
    nonce: str
    challenge: str
    redirect_uri: str


class MemoryIdentityProvider(IdentityProvider):
    """While `down` is True, calls raise `IdentityUnavailable`."""

    def __init__(self, name: str = "memory", label: str = "Memory") -> None:
        self.name, self.label = name, label
        self.issuer = f"https://{name}.example"
        self.down = False
        self._codes: dict[str, _Grant] = {}
        self._numbers = count(1)

    def person(self, name: str, *, email: str = "", verified: bool = True) -> Identity:
        """A user. The name determines the subject, also with another address."""
        email = folded_email(email or f"{name}@example.com")
        subject = sha256(name.encode()).hexdigest()[:16]
        return Identity(self.issuer, subject, email, verified, name.title()[:100])

    async def authorization_url(self, attempt: Attempt) -> str:
        self._check_up()
        parameters = {
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": _challenge(attempt.verifier),
            "code_challenge_method": "S256",
            "redirect_uri": attempt.redirect_uri,
        }
        return f"{self.issuer}/authorize?{urlencode(parameters)}"

    def consent(self, address: str, who: Identity) -> dict[str, str]:
        """The user consents at this URL; returns the query parameters of the callback."""
        parameters = dict(parse_qsl(urlsplit(address).query))
        code = f"code-{next(self._numbers)}"
        self._codes[code] = _Grant(
            who, parameters["nonce"], parameters["code_challenge"], parameters["redirect_uri"]
        )
        return {"code": code, "state": parameters["state"]}

    def deny(self, address: str) -> dict[str, str]:
        """A user denies access at this URL; returns the query parameters of the callback."""
        parameters = dict(parse_qsl(urlsplit(address).query))
        return {"error": "access_denied", "state": parameters["state"]}

    async def identify(self, attempt: Attempt, answer: Mapping[str, str]) -> Identity:
        code = attempt.code(answer)
        self._check_up()
        grant = self._codes.pop(code, None)
        expected = attempt.nonce, _challenge(attempt.verifier), attempt.redirect_uri
        if grant is None or (grant.nonce, grant.challenge, grant.redirect_uri) != expected:
            raise IdentityRefused
        return grant.user

    def _check_up(self) -> None:
        if self.down:
            raise IdentityUnavailable


def _challenge(verifier: str) -> str:
    """The PKCE code challenge (RFC 7636, S256)."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
