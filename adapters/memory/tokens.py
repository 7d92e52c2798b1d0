"""Access tokens in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, MutableMapping
from dataclasses import replace
from datetime import datetime, timedelta

from ports.tokens import Claims, TokenRefused, TokenSigner

LEEWAY = timedelta(seconds=30)

Issued = MutableMapping[str, tuple[tuple[str, str, str, str], Claims]]
"""By token: its issuer (issuer, audience, name and secret of the key), and its claims."""


class MemorySigner(TokenSigner):
    """Accepts the tokens in `issued`, which several signers can share, as several processes do."""

    def __init__(
        self,
        keys: Mapping[str, str] | None = None,
        *,
        issuer: str = "https://onehour.test",
        audience: str = "https://onehour.test/api/v1",
        issued: Issued | None = None,
    ) -> None:
        keys = keys or {"memory": "secret"}
        self._issuers = [(issuer, audience, name, secret) for name, secret in keys.items()]
        self._issued: Issued = {} if issued is None else issued

    def sign(self, claims: Claims) -> str:
        issuer_key = self._issuers[0]
        token = hashlib.sha256(repr((issuer_key, claims)).encode()).hexdigest()
        self._issued[token] = (issuer_key, _in_seconds(claims))
        return token

    def verify(self, token: str, *, now: datetime) -> Claims:
        if token not in self._issued:
            raise TokenRefused
        issuer_key, claims = self._issued[token]
        if issuer_key not in self._issuers:
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
