"""Access tokens that are remembered instead of signed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, MutableMapping
from dataclasses import replace
from datetime import datetime, timedelta

from ports.tokens import Claims, TokenRefused, TokenSigner

LEEWAY = timedelta(seconds=30)

Issued = MutableMapping[str, tuple[tuple[str, str, str, str], Claims]]
"""By token: the mark of who issued it (issuer, audience, key's name and secret), and its claims."""


class MemorySigner(TokenSigner):
    """Reads what it has issued. Signers with the same `issued` are processes of one world."""

    def __init__(
        self,
        keys: Mapping[str, str] | None = None,
        *,
        issuer: str = "https://onehour.test",
        audience: str = "https://onehour.test/api/v1",
        issued: Issued | None = None,
    ) -> None:
        keys = keys or {"memory": "secret"}
        self._marks = [(issuer, audience, name, secret) for name, secret in keys.items()]
        self._issued: Issued = {} if issued is None else issued

    def sign(self, claims: Claims) -> str:
        mark = self._marks[0]
        token = hashlib.sha256(repr((mark, claims)).encode()).hexdigest()
        self._issued[token] = (mark, _in_seconds(claims))
        return token

    def verify(self, token: str, *, now: datetime) -> Claims:
        if token not in self._issued:
            raise TokenRefused
        mark, claims = self._issued[token]
        if mark not in self._marks:
            raise TokenRefused
        if now >= claims.expires_at + LEEWAY or now < claims.issued_at - LEEWAY:
            raise TokenRefused
        return claims


def _in_seconds(claims: Claims) -> Claims:
    return replace(
        claims,
        issued_at=claims.issued_at.replace(microsecond=0),
        expires_at=claims.expires_at.replace(microsecond=0),
    )
