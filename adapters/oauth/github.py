"""GitHub: OAuth 2.0 without OpenID Connect, so the user is fetched from its API.

Its responses have no nonce and no issuer. State, PKCE and a separate redirect URI bind a response
to its attempt (RFC 9700, section 4.4.2.2).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

import httpx

from adapters.oauth.client import OAuth, Registration
from adapters.oauth.people import usable_email, usable_name
from adapters.oauth.wire import Wire
from ports.identity import Attempt, Identity, IdentityProvider, IdentityUnavailable

log = logging.getLogger(__name__)

ISSUER = "https://github.com"
NOT_SHOWN = frozenset({403, 404})
"""Status codes of /user/emails if the user revoked the permission to read addresses."""


class GitHubProvider(IdentityProvider):
    """`site` is the URL of GitHub's sign-in, `api` that of its REST API."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        registration: Registration,
        *,
        name: str = "github",
        label: str = "GitHub",
        site: str = ISSUER,
        api: str = "https://api.github.com",
    ) -> None:
        self.name, self.label = name, label
        self._wire, self._api = Wire(http), api
        self._oauth = OAuth(
            self._wire,
            registration,
            f"{site}/login/oauth/authorize",
            f"{site}/login/oauth/access_token",
            scope="user:email",
            secret_in_body=True,
        )

    async def authorization_url(self, attempt: Attempt) -> str:
        return await self._oauth.authorization_url(attempt)

    async def identify(self, attempt: Attempt, answer: Mapping[str, str]) -> Identity:
        token = await self._oauth.token(attempt, attempt.code(answer))
        bearer = token.get("access_token")
        if not isinstance(bearer, str):
            log.error("GitHub returned no access token")
            raise IdentityUnavailable
        _, user = await self._get("/user", bearer)
        status, emails = await self._get("/user/emails?per_page=100", bearer)
        if not isinstance(emails, list) and status not in NOT_SHOWN:
            raise IdentityUnavailable
        return _identity(user, emails if isinstance(emails, list) else [])

    async def _get(self, path: str, bearer: str) -> tuple[int, object]:
        return await self._wire.get(
            self._api + path,
            {
                "accept": "application/vnd.github+json",
                "authorization": f"Bearer {bearer}",
                "x-github-api-version": "2022-11-28",
            },
        )


def _identity(user: object, emails: list[object]) -> Identity:
    """The id number is permanent and never reused, unlike the login name."""
    number = user.get("id") if isinstance(user, dict) else None
    if not isinstance(user, dict) or type(number) is not int:
        log.error("GitHub returned no user")
        raise IdentityUnavailable
    primary = next((e for e in emails if isinstance(e, dict) and e.get("primary") is True), {})
    email = usable_email(primary.get("email"))
    return Identity(
        issuer=ISSUER,
        subject=str(number),
        email=email,
        email_verified=bool(email) and primary.get("verified") is True,
        name=usable_name(user.get("name"), user.get("login")),
    )
