"""A provider in memory: people sign in there by `consent`, and what comes back is the answer."""

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
class _Given:
    """What a code stands for: who agreed, and in which attempt."""

    who: Identity
    nonce: str
    challenge: str
    redirect_uri: str


class MemoryIdentityProvider(IdentityProvider):
    """While `down` is true it answers nobody."""

    def __init__(self, name: str = "memory", label: str = "Memory") -> None:
        self.name, self.label = name, label
        self.issuer = f"https://{name}.example"
        self.down = False
        self._codes: dict[str, _Given] = {}
        self._numbers = count(1)

    def person(self, name: str, *, email: str = "", verified: bool = True) -> Identity:
        """Somebody who can sign in here; the name tells who it is, also with another address."""
        email = folded_email(email or f"{name}@example.com")
        subject = sha256(name.encode()).hexdigest()[:16]
        return Identity(self.issuer, subject, email, verified, name.title())

    async def authorization_url(self, attempt: Attempt) -> str:
        self._answer()
        asked = {
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": _challenge(attempt.verifier),
            "redirect_uri": attempt.redirect_uri,
        }
        return f"{self.issuer}/authorize?{urlencode(asked)}"

    def consent(self, address: str, who: Identity) -> dict[str, str]:
        """This person opens the address and agrees; the query their browser comes back with."""
        asked = dict(parse_qsl(urlsplit(address).query))
        code = f"code-{next(self._numbers)}"
        self._codes[code] = _Given(
            who, asked["nonce"], asked["code_challenge"], asked["redirect_uri"]
        )
        return {"code": code, "state": asked["state"]}

    def deny(self, address: str) -> dict[str, str]:
        """Somebody opens the address and says no."""
        asked = dict(parse_qsl(urlsplit(address).query))
        return {"error": "access_denied", "state": asked["state"]}

    async def identify(self, attempt: Attempt, answer: Mapping[str, str]) -> Identity:
        code = attempt.code(answer)
        self._answer()
        given = self._codes.pop(code, None)
        ours = attempt.nonce, _challenge(attempt.verifier), attempt.redirect_uri
        if given is None or (given.nonce, given.challenge, given.redirect_uri) != ours:
            raise IdentityRefused
        return given.who

    def _answer(self) -> None:
        if self.down:
            raise IdentityUnavailable


def _challenge(verifier: str) -> str:
    """RFC 7636, S256."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
