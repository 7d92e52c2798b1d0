"""Signers of access tokens and forged tokens, for `TokenSignerContract`."""

from __future__ import annotations

import hmac
import json
from abc import ABC, abstractmethod
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ports.tokens import Claims, TokenSigner

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LEEWAY = 30 * SECOND
CLAIMS = Claims("acc_1", "a session", NOW, NOW + 900 * SECOND, "tok_1")
KEYS = {"winter": "w" * 32, "autumn": "a" * 32}
ISSUER, AUDIENCE = "https://hours.example", "https://hours.example/api/v1"
HEADER = {"alg": "HS256", "typ": "at+jwt", "kid": "winter"}
PAYLOAD: dict[str, Any] = {
    "iss": ISSUER, "aud": AUDIENCE, "sub": "acc_1", "sid": "a session",
    "iat": int(NOW.timestamp()), "exp": int(NOW.timestamp()) + 900, "jti": "tok_1",
}  # fmt: skip


class SignerSetup(ABC):
    """Makes signers with given keys, and tokens that are forged with those keys."""

    @abstractmethod
    def signer(
        self, keys: Mapping[str, str] = KEYS, *, issuer: str = ISSUER, audience: str = AUDIENCE
    ) -> TokenSigner: ...

    def key(self, name: str) -> bytes:
        """The bytes an HMAC of the key `name` is made with; any bytes if there is no such key."""
        return name.encode()

    def forged(self, header: Mapping[str, Any], payload: object, *, digest: str = "sha256") -> str:
        """A token signed with the right key, whatever its header and payload say."""
        return jws(header, payload, self.key("winter"), digest)


def jws(header: object, payload: object, key: bytes, digest: str = "sha256") -> str:
    """A JWS in compact form, made with the standard library alone."""
    signed = f"{_part(header)}.{_part(payload)}"
    return f"{signed}.{base64url(hmac.digest(key, signed.encode(), digest))}"


def _part(content: object) -> str:
    return base64url(content if isinstance(content, bytes) else json.dumps(content).encode())


def base64url(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()
