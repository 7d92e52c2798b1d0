"""OpenID Connect providers with discovery: Google, Keycloak and others."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta

import httpx

from adapters.oauth.cached import CachedDocument
from adapters.oauth.client import OAuth, Registration
from adapters.oauth.discovery import WELL_KNOWN, Metadata
from adapters.oauth.people import usable_email, usable_name
from adapters.oauth.tokens import Keys, checked_claims
from adapters.oauth.wire import Wire
from ports.clock import Clock
from ports.identity import (
    Attempt,
    Identity,
    IdentityProvider,
    IdentityRefused,
    IdentityUnavailable,
)

log = logging.getLogger(__name__)

METADATA_TTL = timedelta(days=1)
SUBJECT_AT_MOST = 255
"""OpenID Connect Core, section 2."""


class OpenIdProvider(IdentityProvider):
    """Authorization code flow with PKCE, nonce and a signed ID token. `issuer` is its URL."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        registration: Registration,
        clock: Clock,
        *,
        issuer: str,
        name: str,
        label: str,
    ) -> None:
        self.name, self.label = name, label
        self._wire, self._registration, self._clock = Wire(http), registration, clock
        self._issuer = issuer.rstrip("/")
        self._metadata = CachedDocument(self._discover, clock)
        self._keys = Keys(self._fetch_keys, clock)

    async def authorization_url(self, attempt: Attempt) -> str:
        metadata = await self._get_metadata()
        return await self._oauth(metadata).authorization_url(attempt, nonce=attempt.nonce)

    async def identify(self, attempt: Attempt, answer: Mapping[str, str]) -> Identity:
        code = attempt.code(answer)
        metadata = await self._get_metadata()
        _check_issuer(metadata, answer)
        token = await self._oauth(metadata).token(attempt, code)
        claims = await self._claims(metadata, attempt, token)
        more = await self._userinfo(metadata, token, claims)
        return _identity(metadata.issuer, {**claims, **more})

    async def _get_metadata(self) -> Metadata:
        return await self._metadata.get(younger_than=METADATA_TTL)

    async def _discover(self) -> Metadata:
        document = await self._wire.get_object(self._issuer + WELL_KNOWN)
        return Metadata.parse(document, issuer=self._issuer)

    async def _fetch_keys(self) -> Mapping[str, object]:
        return await self._wire.get_object((await self._get_metadata()).jwks_uri)

    def _oauth(self, metadata: Metadata) -> OAuth:
        return OAuth(
            self._wire,
            self._registration,
            metadata.authorization_endpoint,
            metadata.token_endpoint,
            scope="openid email profile",
            secret_in_body=metadata.secret_in_body,
        )

    async def _claims(
        self, metadata: Metadata, attempt: Attempt, token: Mapping[str, object]
    ) -> Mapping[str, object]:
        found = token.get("id_token")
        if not isinstance(found, str):
            log.error("%s returned no ID token", metadata.issuer)
            raise IdentityUnavailable
        return await checked_claims(
            found,
            self._keys,
            self._clock,
            issuer=metadata.issuer,
            audience=self._registration.client_id,
            nonce=attempt.nonce,
        )

    async def _userinfo(
        self, metadata: Metadata, token: Mapping[str, object], claims: Mapping[str, object]
    ) -> Mapping[str, object]:
        """Further claims of the userinfo endpoint, if the ID token has no e-mail address."""
        bearer = token.get("access_token")
        if "email" in claims or not metadata.userinfo_endpoint or not isinstance(bearer, str):
            return {}
        more = await self._wire.get_object(
            metadata.userinfo_endpoint, {"authorization": f"Bearer {bearer}"}
        )
        if more.get("sub") != claims["sub"]:
            log.error("%s returned userinfo of another user", metadata.issuer)
            raise IdentityRefused
        return more


def _check_issuer(metadata: Metadata, answer: Mapping[str, str]) -> None:
    """RFC 9207: the parameter `iss` must be this issuer; it is required if announced."""
    given = answer.get("iss", "" if metadata.sends_issuer else metadata.issuer)
    if given != metadata.issuer:
        log.warning("A response for %s has the issuer %.200r", metadata.issuer, given)
        raise IdentityRefused


def _identity(issuer: str, claims: Mapping[str, object]) -> Identity:
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_AT_MOST:
        raise IdentityRefused
    email, verified = usable_email(claims.get("email")), claims.get("email_verified")
    return Identity(
        issuer=issuer,
        subject=subject,
        email=email,
        # Some providers send the boolean as a text (Apple documents both).
        email_verified=bool(email) and (verified is True or verified == "true"),
        name=usable_name(claims.get("name"), claims.get("given_name")),
    )
