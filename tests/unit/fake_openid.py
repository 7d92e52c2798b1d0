"""An OpenID provider that answers from a table and signs whatever a test gives it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import Key, RSAKey

from adapters.memory.clock import FixedClock
from adapters.oauth.client import Registration
from adapters.oauth.openid import OpenIdProvider
from onehour.testing.identity import an_attempt
from ports.identity import Identity, IdentityRefused, IdentityUnavailable

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
ISSUER = "https://id.example"
CLIENT_ID = "onehour"
PAGES = {
    "metadata": "/.well-known/openid-configuration",
    "token": "/token",
    "keys": "/jwks",
    "userinfo": "/me",
}

GITA = Identity(ISSUER, "gita-7", "gita@example.com", True, "Gita")


@cache
def a_key(kid: str) -> RSAKey:
    """The same key at every call, because generating one takes time."""
    return RSAKey.generate_key(2048, {"kid": kid})


class OpenId:
    """`claims` and `header` change what the next ID token says, `metadata` what the provider
    says about itself; `answers` are given instead of a page's own. `asked` are the paths."""

    def __init__(self) -> None:
        self.clock = FixedClock(NOW)
        self.attempt = an_attempt()
        self.key: Key = a_key("first")
        self.published: list[Mapping[str, Any]] = [self.key.as_dict(private=False)]
        self.claims: dict[str, object] = {}
        self.header: dict[str, object] = {"alg": "RS256", "kid": "first"}
        self.metadata: dict[str, object] = {}
        self.token: str | None = None
        self.person: dict[str, object] = {"sub": "gita-7"}
        self.answers: dict[str, httpx.Response | Exception] = {}
        self.asked: list[str] = []
        self.requests: list[httpx.Request] = []
        self.provider = OpenIdProvider(
            httpx.AsyncClient(transport=httpx.MockTransport(self._answer)),
            Registration(CLIENT_ID, "se%cret"),
            self.clock,
            issuer=ISSUER,
            name="openid",
            label="OpenID",
        )

    async def identify(self, **more: str) -> Identity:
        """A user returns with a valid code."""
        answer = {"code": "a-code", "state": self.attempt.state, **more}
        return await self.provider.identify(self.attempt, answer)

    def id_token(self) -> str:
        now = int(self.clock.now().timestamp())
        claims = {
            "iss": ISSUER,
            "sub": "gita-7",
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": self.attempt.nonce,
            "email": "gita@example.com",
            "email_verified": True,
            "name": "Gita",
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(self.header, claims, self.key, algorithms=[str(self.header["alg"])])

    def _answer(self, request: httpx.Request) -> httpx.Response:
        page = next(name for name, path in PAGES.items() if path == request.url.path)
        self.asked.append(page)
        self.requests.append(request)
        answer = self.answers.get(page)
        if isinstance(answer, Exception):
            raise answer
        return answer or httpx.Response(200, content=json.dumps(self.page(page)))

    def page(self, page: str) -> object:
        """The default response of the page."""
        match page:
            case "metadata":
                return {
                    "issuer": ISSUER,
                    "authorization_endpoint": f"{ISSUER}/authorize",
                    "token_endpoint": f"{ISSUER}/token",
                    "jwks_uri": f"{ISSUER}/jwks",
                    "userinfo_endpoint": f"{ISSUER}/me",
                    **self.metadata,
                }
            case "token":
                token = self.token or self.id_token()
                return {"access_token": "at", "token_type": "Bearer", "id_token": token}
            case "keys":
                return {"keys": self.published}
        return self.person


async def refused(openid: OpenId, **answer: str) -> None:
    with pytest.raises(IdentityRefused):
        await openid.identify(**answer)


async def unavailable(openid: OpenId) -> None:
    with pytest.raises(IdentityUnavailable):
        await openid.identify()
