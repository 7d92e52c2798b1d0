"""Verification of ID tokens (OpenID Connect Core, section 3.1.3.7)."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet

from adapters.oauth.cached import CachedDocument
from ports.clock import Clock
from ports.identity import IdentityRefused, IdentityUnavailable

log = logging.getLogger(__name__)

KINDS = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384", "ES512"), "EC"),
    **dict.fromkeys(("EdDSA", "Ed25519"), "OKP"),
}
"""Allowed algorithms and their key types: asymmetric signatures only. `none` and HS… are refused,
because others could make them, with our secret or with a public key used as a secret."""
LEEWAY_S = 30
"""The maximum difference between our clock and the provider's."""
KEYS_TTL = timedelta(hours=1)
KEYS_REFETCH_AFTER = timedelta(minutes=1)
"""An unknown key makes us fetch the keys again, at most this often."""
LENIENT = jws.JWSRegistry(algorithms=list(KINDS), strict_check_header=False)
"""RFC 7515: unknown headers are ignored, unless `crit` lists them."""


class Keys:
    """The public keys of a provider, cached."""

    def __init__(self, fetch: Callable[[], Awaitable[Mapping[str, object]]], clock: Clock) -> None:
        self._fetch = fetch
        self._cached = CachedDocument(self._fetch_keys, clock)

    async def find(self, header: Mapping[str, object]) -> Key:
        """The key for a token with this header. Raises `IdentityRefused` if there is not
        exactly one."""
        for age in (KEYS_TTL, KEYS_REFETCH_AFTER):
            matching = _matching(await self._cached.get(younger_than=age), header)
            if len(matching) == 1:
                return matching[0]
        log.warning("An ID token has an unknown key: %.80r", header.get("kid"))
        raise IdentityRefused

    async def _fetch_keys(self) -> list[Key]:
        document = await self._fetch()
        listed = document.get("keys")
        if not isinstance(listed, list):
            raise IdentityUnavailable
        return [key for entry in listed for key in _supported_key(entry)]


async def checked_claims(
    token: str, keys: Keys, clock: Clock, *, issuer: str, audience: str, nonce: str
) -> Mapping[str, object]:
    """The claims of a valid token. Raises `IdentityRefused` for an invalid one."""
    wanted = jwt.JWTClaimsRegistry(
        now=int(clock.now().timestamp()),
        leeway=LEEWAY_S,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": audience},
        sub={"essential": True},
        nonce={"essential": True, "value": nonce},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        key = await keys.find(jws.extract_compact(token.encode()).headers())
        claims = jwt.decode(token, key, registry=LENIENT).claims
        wanted.validate(claims)
    except (JoseError, ValueError, TypeError) as error:
        log.warning("An ID token of %s is not valid: %r", issuer, error)
        raise IdentityRefused from error
    if claims.get("azp", audience) != audience or not _is_for_us_only(claims, audience):
        log.warning("An ID token of %s is for another client", issuer)
        raise IdentityRefused
    return claims


def _is_for_us_only(claims: Mapping[str, object], audience: str) -> bool:
    return claims["aud"] in (audience, [audience]) or claims.get("azp") == audience


def _matching(keys: list[Key], header: Mapping[str, object]) -> list[Key]:
    """Keys of the right type, and with this `kid` if the header has one."""
    kind, kid = KINDS.get(str(header.get("alg"))), header.get("kid")
    return [k for k in keys if k.key_type == kind and (kid is None or k.kid == kid)]


def _supported_key(entry: object) -> list[Key]:
    """The key of a JWK entry; none for other uses and unsupported types (RFC 7517)."""
    if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
        return []
    try:
        return list(KeySet.import_key_set({"keys": [entry]}))
    except (JoseError, ValueError, TypeError, KeyError):
        return []
