"""ID tokens: who signed them, for whom, when, and in which attempt (OpenID Core, 3.1.3.7)."""

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
"""Signatures that only the provider can make, with the kind of key each needs. Never `none`,
and no HS…: whoever knows our secret, or takes a public key for one, could make those."""
LEEWAY_S = 30
"""How far apart our clock and the provider's may be."""
KEYS_LIVE = timedelta(hours=1)
KEYS_REST = timedelta(minutes=1)
"""Unknown keys make us look again, and not more often than this."""
LENIENT = jws.JWSRegistry(algorithms=list(KINDS), strict_check_header=False)
"""RFC 7515: headers nobody knows are ignored, unless `crit` names them."""


class Keys:
    """The public keys of a provider."""

    def __init__(self, fetch: Callable[[], Awaitable[Mapping[str, object]]], clock: Clock) -> None:
        self._fetch = fetch
        self._cached = CachedDocument(self._read, clock)

    async def find(self, header: Mapping[str, object]) -> Key:
        """The one key this token can be signed with. Raises `IdentityRefused`."""
        for age in (KEYS_LIVE, KEYS_REST):
            fitting = _fitting(await self._cached.get(younger_than=age), header)
            if len(fitting) == 1:
                return fitting[0]
        log.warning("An ID token names no key of its issuer: %.80r", header.get("kid"))
        raise IdentityRefused

    async def _read(self) -> list[Key]:
        document = await self._fetch()
        listed = document.get("keys")
        if not isinstance(listed, list):
            raise IdentityUnavailable
        return [key for entry in listed for key in _readable(entry)]


async def checked_claims(
    token: str, keys: Keys, clock: Clock, *, issuer: str, audience: str, nonce: str
) -> Mapping[str, object]:
    """What a genuine token says. Raises `IdentityRefused`."""
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
        log.warning("An ID token of %s is not good: %r", issuer, error)
        raise IdentityRefused from error
    if claims.get("azp", audience) != audience or not _is_ours_alone(claims, audience):
        log.warning("An ID token of %s was made for another client", issuer)
        raise IdentityRefused
    return claims


def _is_ours_alone(claims: Mapping[str, object], audience: str) -> bool:
    return claims["aud"] in (audience, [audience]) or claims.get("azp") == audience


def _fitting(keys: list[Key], header: Mapping[str, object]) -> list[Key]:
    """Without `kid` only the kind tells; two of one kind are a riddle, and no answer."""
    kind, kid = KINDS.get(str(header.get("alg"))), header.get("kid")
    return [k for k in keys if k.key_type == kind and (kid is None or k.kid == kid)]


def _readable(entry: object) -> list[Key]:
    """Keys for other purposes, and of kinds not known here, are passed over (RFC 7517)."""
    if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
        return []
    try:
        return list(KeySet.import_key_set({"keys": [entry]}))
    except (JoseError, ValueError, TypeError, KeyError):
        return []
