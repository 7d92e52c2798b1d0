"""GitHub: OAuth 2.0 without OpenID, so its API is asked who came.

There is no nonce and no issuer in its answers; state, PKCE and a redirect address of its own
bind an answer to its attempt (RFC 9700, section 4.4.2.2).
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
"""What /user/emails answers when the person took the permission to read addresses back."""


class GitHubProvider(IdentityProvider):
    """`site` is where people sign in, `api` is asked who they are."""

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
            log.error("GitHub gave no access token")
            raise IdentityUnavailable
        _, person = await self._ask("/user", bearer)
        status, emails = await self._ask("/user/emails?per_page=100", bearer)
        if not isinstance(emails, list) and status not in NOT_SHOWN:
            raise IdentityUnavailable
        return _identity(person, emails if isinstance(emails, list) else [])

    async def _ask(self, path: str, bearer: str) -> tuple[int, object]:
        return await self._wire.get(
            self._api + path,
            {
                "accept": "application/vnd.github+json",
                "authorization": f"Bearer {bearer}",
                "x-github-api-version": "2022-11-28",
            },
        )


def _identity(person: object, emails: list[object]) -> Identity:
    """The number stays when people rename themselves, and is never given to another."""
    number = person.get("id") if isinstance(person, dict) else None
    if not isinstance(person, dict) or type(number) is not int:
        log.error("GitHub told nobody")
        raise IdentityUnavailable
    primary = next((e for e in emails if isinstance(e, dict) and e.get("primary") is True), {})
    email = usable_email(primary.get("email"))
    return Identity(
        issuer=ISSUER,
        subject=str(number),
        email=email,
        email_verified=bool(email) and primary.get("verified") is True,
        name=usable_name(person.get("name"), person.get("login")),
    )
