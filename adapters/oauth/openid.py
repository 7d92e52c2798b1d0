"""Any OpenID provider that describes itself: Google, Keycloak, an operator's own."""

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

METADATA_LIVES = timedelta(days=1)
SUBJECT_AT_MOST = 255
"""OpenID Connect Core, section 2."""


class OpenIdProvider(IdentityProvider):
    """Code flow with PKCE, nonce and a signed ID token; `issuer` is its address."""

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
        metadata = await self._told()
        return await self._oauth(metadata).authorization_url(attempt, nonce=attempt.nonce)

    async def identify(self, attempt: Attempt, answer: Mapping[str, str]) -> Identity:
        code = attempt.code(answer)
        metadata = await self._told()
        _check_issuer(metadata, answer)
        token = await self._oauth(metadata).token(attempt, code)
        claims = await self._claims(metadata, attempt, token)
        more = await self._more(metadata, token, claims)
        return _identity(metadata.issuer, {**claims, **more})

    async def _told(self) -> Metadata:
        return await self._metadata.get(younger_than=METADATA_LIVES)

    async def _discover(self) -> Metadata:
        document = await self._wire.get_object(self._issuer + WELL_KNOWN)
        return Metadata.read(document, issuer=self._issuer)

    async def _fetch_keys(self) -> Mapping[str, object]:
        return await self._wire.get_object((await self._told()).jwks_uri)

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
            log.error("%s gave no ID token", metadata.issuer)
            raise IdentityUnavailable
        return await checked_claims(
            found,
            self._keys,
            self._clock,
            issuer=metadata.issuer,
            audience=self._registration.client_id,
            nonce=attempt.nonce,
        )

    async def _more(
        self, metadata: Metadata, token: Mapping[str, object], claims: Mapping[str, object]
    ) -> Mapping[str, object]:
        """What the ID token leaves out and the userinfo endpoint tells, of the same person."""
        bearer = token.get("access_token")
        if "email" in claims or not metadata.userinfo_endpoint or not isinstance(bearer, str):
            return {}
        more = await self._wire.get_object(
            metadata.userinfo_endpoint, {"authorization": f"Bearer {bearer}"}
        )
        if more.get("sub") != claims["sub"]:
            log.error("%s told of another person than its ID token", metadata.issuer)
            raise IdentityRefused
        return more


def _check_issuer(metadata: Metadata, answer: Mapping[str, str]) -> None:
    """RFC 9207: an answer that names its issuer must name this one; who promises to, must."""
    told = answer.get("iss", "" if metadata.tells_issuer else metadata.issuer)
    if told != metadata.issuer:
        log.warning("An answer for %s came from %.200r", metadata.issuer, told)
        raise IdentityRefused


def _identity(issuer: str, told: Mapping[str, object]) -> Identity:
    subject = told["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_AT_MOST:
        raise IdentityRefused
    email, proved = usable_email(told.get("email")), told.get("email_verified")
    return Identity(
        issuer=issuer,
        subject=subject,
        email=email,
        # Some providers write the truth as a text (Apple documents both).
        email_verified=bool(email) and (proved is True or proved == "true"),
        name=usable_name(told.get("name"), told.get("given_name")),
    )
