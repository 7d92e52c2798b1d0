"""Linked identities of OAuth and OpenID providers, and the state of a sign-in in progress."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.accounts import AccountId, Role
from core.errors import Conflict, Forbidden


class IdentityTaken(Conflict):
    """This sign-in belongs to another account here."""

    code = "identity_taken"


class IdentityUnproven(Forbidden):
    """The provider has not confirmed this e-mail address, so it cannot be used to sign in."""

    code = "identity_unproven"


class NoAccountYet(Conflict):
    """There is no account with this sign-in yet. Choose whether you book or are booked."""

    code = "no_account_yet"


class OnlySignInMethod(Conflict):
    """This is your only way to sign in. Set a password first, then disconnect it."""

    code = "last_way_in"


@dataclass(frozen=True, slots=True)
class LinkedIdentity:
    """The user `subject` of the provider `issuer` may sign in as the account. `email` is the
    address the provider reported when it was linked; it is shown only, never used to find an
    account."""

    issuer: str
    subject: str
    account_id: AccountId
    provider: str
    email: str
    linked_at: datetime

    @property
    def id(self) -> str:
        return f"{self.issuer}|{self.subject}"


@dataclass(frozen=True, slots=True)
class OAuthState:
    """The OAuth state of one sign-in with a provider. `id` is the hash of the `state` parameter.

    `role` is that of the account to create if there is none, `account_id` the account to link
    to, `target` the path to open afterwards. `verifier` is the PKCE code verifier. The state is
    valid once, and only in the browser session `visit` that started it.
    """

    id: str
    provider: str
    nonce: str
    verifier: str
    visit: str
    expires_at: datetime
    role: Role | None = None
    account_id: AccountId | None = None
    target: str = ""
