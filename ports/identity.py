"""Signing in with what another site says about somebody: OpenID Connect and OAuth 2.0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Protocol

from core.errors import Forbidden, Unavailable


class IdentityUnavailable(Unavailable):
    """The site you sign in with does not answer right now. Try again in a moment."""

    code = "identity_unavailable"


class IdentityRefused(Forbidden):
    """This sign-in could not be completed. Nothing has changed; begin it again."""

    code = "identity_refused"


@dataclass(frozen=True, slots=True)
class Identity:
    """What a provider says about somebody. Only `issuer` and `subject` together tell who it is
    (ASVS 10.5.2): addresses change hands, and names are anybody's.

    `email` is folded (lower case), or empty when the provider tells none that can be used;
    `email_verified` is true only when the provider says so. `name` may be empty, and is no
    longer than 100 characters.
    """

    issuer: str
    subject: str
    email: str
    email_verified: bool
    name: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one sign-in must remember between leaving and coming back, in the browser's own
    session: of one browser, of one provider, used once.

    `state`, `nonce` and `verifier` are three different secrets as `Ids.secret` makes them: 43
    to 128 letters, digits, `-` and `_` (RFC 7636). `redirect_uri` is where the provider sends
    the browser back to; it names the provider, so that answers of two cannot be mixed up.
    """

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    redirect_uri: str

    def code(self, answer: Mapping[str, str]) -> str:
        """The code of an answer that belongs to this attempt: what every adapter looks at
        first. Raises `IdentityRefused`."""
        if not compare_digest(
            answer.get("state", "").encode(errors="replace"), self.state.encode()
        ):
            raise IdentityRefused
        if answer.get("error") == "access_denied":
            raise IdentityRefused("You chose not to sign in this way. Nothing has changed.")
        if "error" in answer or not answer.get("code"):
            raise IdentityRefused
        return answer["code"]


class IdentityProvider(Protocol):
    """A site people can sign in with. An answer identifies somebody once, and only in the
    attempt it was given for: with another state, nonce, verifier or redirect address it is
    refused, and so is a code that was used before."""

    name: str
    """In paths, lower case: `google`."""
    label: str
    """On buttons: `Google`."""

    async def authorization_url(self, attempt: Attempt) -> str:
        """Where to send the browser; tells neither the verifier nor our secret. Raises
        `IdentityUnavailable`."""
        ...

    async def identify(self, attempt: Attempt, answer: Mapping[str, str]) -> Identity:
        """Who came back; `answer` is the query the browser came back with.

        Raises `IdentityRefused` for an answer that proves nothing, and `IdentityUnavailable`
        when the provider does not answer us; then too the attempt is used up.
        """
        ...
