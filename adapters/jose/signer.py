"""Access tokens as JSON Web Tokens, with joserfc."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from joserfc import jws, jwt
from joserfc.jwk import OctKey

from ports.tokens import Claims, TokenRefused, TokenSigner

ALGORITHM = "HS256"
TYPE = "at+jwt"
"""RFC 9068. Tokens for other purposes have another type, also if the key is the same."""
PURPOSE = b"onehour access token 1"
LEEWAY_S = 30
LONGEST = 4096
"""Characters. Our tokens have about 300."""


def signing_key(secret: str) -> bytes:
    """The 256-bit key for access tokens, derived from a secret. Other purposes derive other keys,
    so their signatures are not valid here."""
    return hmac.digest(secret.encode(), PURPOSE, "sha256")


class JoseSigner(TokenSigner):
    """JWS compact, HS256 with keys of 256 bits.

    The key is symmetric, because only our API verifies the tokens, and asymmetric signatures take
    five times as long to verify. Header and claims follow RFC 9068 (JWT profile for access
    tokens) and RFC 8725 (best practices): one algorithm, chosen by the key and not the token;
    key by name; `typ`, `iss` and `aud` are checked.

    `keys` are secrets by name; the first one signs. Each needs at least 32 random characters.
    `issuer` is the URL of the site, `audience` that of its API.
    """

    def __init__(self, keys: Mapping[str, str], *, issuer: str, audience: str) -> None:
        self._keys = {name: OctKey.import_key(signing_key(text)) for name, text in keys.items()}
        self._first = next(iter(self._keys))
        self._issuer = issuer
        self._audience = audience

    def sign(self, claims: Claims) -> str:
        header = {"alg": ALGORITHM, "typ": TYPE, "kid": self._first}
        payload = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": claims.account_id,
            "sid": claims.session_id,
            "iat": int(claims.issued_at.timestamp()),
            "exp": int(claims.expires_at.timestamp()),
            "jti": claims.token_id,
        }
        return jwt.encode(header, payload, self._keys[self._first], algorithms=[ALGORITHM])

    def verify(self, token: str, *, now: datetime) -> Claims:
        if len(token) > LONGEST:
            raise TokenRefused
        try:
            return self._verify(token, now)
        # Untrusted bytes go through three decoders, which raise many kinds of errors (such as
        # RecursionError for deep nesting). Each means that the token is not valid.
        except Exception as error:
            raise TokenRefused from error

    def _verify(self, token: str, now: datetime) -> Claims:
        header = jws.extract_compact(token.encode("ascii")).headers()
        if header.keys() != {"alg", "typ", "kid"} or header["typ"] != TYPE:
            raise TokenRefused
        key = self._keys[header["kid"]]
        payload = jwt.decode(token, key, algorithms=[ALGORITHM]).claims
        self._rules(now).validate(payload)
        return _claims(payload)

    def _rules(self, now: datetime) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._audience},
            sub={"essential": True},
            sid={"essential": True},
            iat={"essential": True},
            exp={"essential": True},
            jti={"essential": True},
        )


def _claims(payload: Mapping[str, Any]) -> Claims:
    """Raises for wrong types, and for a time out of range."""
    names = [payload[name] for name in ("sub", "sid", "jti", "aud")]
    if not all(isinstance(name, str) for name in names):
        raise TokenRefused
    account_id, session_id, token_id, _ = names
    return Claims(
        account_id=account_id,
        session_id=session_id,
        issued_at=datetime.fromtimestamp(payload["iat"], UTC),
        expires_at=datetime.fromtimestamp(payload["exp"], UTC),
        token_id=token_id,
    )
