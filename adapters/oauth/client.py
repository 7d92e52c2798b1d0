"""The steps OpenID and plain OAuth share: where the browser goes, and a code becomes a token.

Authlib speaks the protocol; this is the only module that knows it.
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
    # Authlib would rather have httpx's successor, and tells every process so at its start.
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from authlib.integrations.httpx_client import AsyncOAuth2Client, OAuthError

log = logging.getLogger(__name__)

OUR_MISTAKES = frozenset({"invalid_client", "unauthorized_client", "incorrect_client_credentials"})
"""The provider does not accept our id and secret: an operator can mend that, the visitor cannot."""


@dataclass(frozen=True, slots=True)
class Registration:
    """How a provider knows this house."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OAuth:
    """One provider's two endpoints, and how we show our secret there: in the `body`, or in a
    header as RFC 6749 section 2.3.1 asks for."""

    wire: Wire
    registration: Registration
    authorization_endpoint: str
    token_endpoint: str
    scope: str
    secret_in_body: bool

    async def authorization_url(self, attempt: Attempt, **more: str) -> str:
        """Where the browser goes, with the proof of the verifier (PKCE, S256) but not itself."""
        async with self._client(attempt) as client:
            url, _ = client.create_authorization_url(
                self.authorization_endpoint,
                state=attempt.state,
                code_verifier=attempt.verifier,
                **more,
            )
        return str(url)

    async def token(self, attempt: Attempt, code: str) -> Mapping[str, object]:
        """The provider's answer to a code. Raises `IdentityRefused` when it is not good (any
        more), `IdentityUnavailable` when there is no answer or our own secret is wrong."""
        try:
            async with self._client(attempt) as client:
                found: dict[str, object] = await client.fetch_token(
                    self.token_endpoint,
                    code=code,
                    code_verifier=attempt.verifier,
                    auth=self._auth(),
                )
        except OAuthError as error:
            raise self._meaning(error) from error
        except (httpx.HTTPError, ValueError, RecursionError) as error:
            log.warning("%s gave no token: %r", self.token_endpoint, error)
            raise IdentityUnavailable from error
        return found

    def _client(self, attempt: Attempt) -> Any:
        return AsyncOAuth2Client(
            self.registration.client_id,
            self.registration.client_secret,
            scope=self.scope,
            redirect_uri=attempt.redirect_uri,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_post",  # noqa: S106 - a method's name
            transport=self.wire,
        )

    def _auth(self) -> httpx.BasicAuth | None:
        """None leaves it to the client, which puts the secret in the body. Authlib's own header
        is not percent-encoded, which RFC 6749 wants and strict providers undo."""
        if self.secret_in_body:
            return None
        ours = self.registration
        return httpx.BasicAuth(quote_plus(ours.client_id), quote_plus(ours.client_secret))

    def _meaning(self, error: Any) -> IdentityRefused | IdentityUnavailable:
        if error.error in OUR_MISTAKES:
            log.error("%s does not accept our client id and secret", self.token_endpoint)
            return IdentityUnavailable()
        log.warning("%s refused a code: %.80r", self.token_endpoint, error.error)
        return IdentityRefused()
