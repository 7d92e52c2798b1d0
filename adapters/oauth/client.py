"""The steps that OpenID Connect and OAuth share: authorization URL and token request.

They use Authlib, which no other module imports.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

import httpx
from authlib.deprecate import AuthlibDeprecationWarning

from adapters.oauth.wire import Wire
from ports.identity import Attempt, IdentityRefused, IdentityUnavailable

with warnings.catch_warnings():
    # Authlib warns at import that it will replace httpx.
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from authlib.integrations.httpx_client import AsyncOAuth2Client, OAuthError

log = logging.getLogger(__name__)

CLIENT_ERRORS = frozenset({"invalid_client", "unauthorized_client", "incorrect_client_credentials"})
"""The provider does not accept our client id and secret, which only an operator can fix."""


@dataclass(frozen=True, slots=True)
class Registration:
    """Our registration at a provider."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OAuth:
    """The two endpoints of a provider. `secret_in_body`: the client secret is sent in the request
    body instead of the Authorization header (RFC 6749, section 2.3.1)."""

    wire: Wire
    registration: Registration
    authorization_endpoint: str
    token_endpoint: str
    scope: str
    secret_in_body: bool

    async def authorization_url(self, attempt: Attempt, **more: str) -> str:
        """The authorization URL, with the PKCE code challenge (S256); `more` are parameters."""
        async with self._client(attempt) as client:
            url, _ = client.create_authorization_url(
                self.authorization_endpoint,
                state=attempt.state,
                code_verifier=attempt.verifier,
                **more,
            )
        return str(url)

    async def token(self, attempt: Attempt, code: str) -> Mapping[str, object]:
        """The token response for an authorization code. Raises `IdentityRefused` for an invalid
        code, `IdentityUnavailable` without a response or if our client secret is wrong."""
        try:
            async with self._client(attempt) as client:
                found: dict[str, object] = await client.fetch_token(
                    self.token_endpoint,
                    code=code,
                    code_verifier=attempt.verifier,
                    auth=self._auth(),
                )
        except OAuthError as error:
            raise self._translated(error) from error
        except (httpx.HTTPError, ValueError, RecursionError) as error:
            log.warning("%s returned no token: %r", self.token_endpoint, error)
            raise IdentityUnavailable from error
        return found

    def _client(self, attempt: Attempt) -> Any:
        return AsyncOAuth2Client(
            self.registration.client_id,
            self.registration.client_secret,
            scope=self.scope,
            redirect_uri=attempt.redirect_uri,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_post",  # noqa: S106 - the name of a method
            transport=self.wire,
        )

    def _auth(self) -> httpx.BasicAuth | None:
        """The Authorization header; None if Authlib sends the secret in the body. Authlib's own
        header is not percent-encoded, which RFC 6749 requires."""
        if self.secret_in_body:
            return None
        client = self.registration
        return httpx.BasicAuth(quote_plus(client.client_id), quote_plus(client.client_secret))

    def _translated(self, error: Any) -> IdentityRefused | IdentityUnavailable:
        if error.error in CLIENT_ERRORS:
            log.error("%s does not accept our client id and secret", self.token_endpoint)
            return IdentityUnavailable()
        log.warning("%s refused a code: %.80r", self.token_endpoint, error.error)
        return IdentityRefused()
