"""Sign-in with an identity provider: OpenID Connect and OAuth 2.0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Protocol

from core.errors import Forbidden, Unavailable


class IdentityUnavailable(Unavailable):
    """The site you sign in with does not respond. Try again in a moment."""

    code = "identity_unavailable"
    service = "the identity provider"


class IdentityRefused(Forbidden):
    """This sign-in could not be completed. Nothing has changed. Start again."""

    code = "identity_refused"


@dataclass(frozen=True, slots=True)
class Identity:
    """A user as the provider reports them. Only `issuer` and `subject` together identify the user
    (ASVS 10.5.2): addresses can get new owners, and names are not unique.

    `email` is in lower case, or empty if the provider reports no valid address.
    `email_verified` is True only if the provider says so. `name` may be empty and has at most
    100 characters.
    """

    issuer: str
    subject: str
    email: str
    email_verified: bool
    name: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """The values of one sign-in attempt, from the redirect to the provider until its response.
    They belong to one browser and one provider, and are used once.

    `state`, `nonce` and `verifier` are three different secrets as `Ids.secret` makes them: 43
    to 128 letters, digits, `-` and `_` (RFC 7636). `redirect_uri` is the callback URL. It
    contains the name of the provider, so that responses of two providers cannot be confused.
    """

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    redirect_uri: str

    def code(self, answer: Mapping[str, str]) -> str:
        """The authorization code of the response. Every adapter calls this first.

        `answer` has the query parameters of the callback. Raises `IdentityRefused` if `state`
        is another one, if the user denied access, and if there is no code, or one that no provider
        gives: it is printable ASCII (RFC 6749, appendix A.11).
        """
        if not compare_digest(
            answer.get("state", "").encode(errors="replace"), self.state.encode()
        ):
            raise IdentityRefused
        if answer.get("error") == "access_denied":
            raise IdentityRefused("You chose not to sign in this way. Nothing has changed.")
        code = answer.get("code", "")
        if "error" in answer or not (code and code.isascii() and code.isprintable()):
            raise IdentityRefused
        return code


class IdentityProvider(Protocol):
    """An identity provider. A response is accepted once, and only in the attempt it belongs to:
    another state, nonce, verifier or redirect URI is refused, and so is a used code."""

    name: str
    """In URL paths, in lower case: `google`."""
    label: str
    """On buttons: `Google`."""

    async def authorization_url(self, attempt: Attempt) -> str:
        """The URL to redirect the browser to. It contains neither the verifier nor the client
        secret. Raises `IdentityUnavailable`."""
        ...

    async def identify(self, attempt: Attempt, answer: Mapping[str, str]) -> Identity:
        """The user who signed in. `answer` has the query parameters of the callback.

        Raises `IdentityRefused` for an invalid response, and `IdentityUnavailable` if the
        provider does not respond. In both cases the attempt cannot be used again.
        """
        ...
