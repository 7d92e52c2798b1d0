"""Signing in with an account somewhere else: what is linked, and a sign-in under way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.accounts import AccountId, Role
from core.errors import Conflict, Forbidden


class IdentityTaken(Conflict):
    """This sign-in belongs to another account here."""

    code = "identity_taken"


class IdentityUnproven(Forbidden):
    """The provider has not confirmed this e-mail address, so it proves nothing here."""

    code = "identity_unproven"


class NoAccountYet(Conflict):
    """There is no account with this sign-in yet. Choose whether you book or are booked."""

    code = "no_account_yet"


class OnlySignInMethod(Conflict):
    """This is your only way in. Set a password first, then disconnect it."""

    code = "last_way_in"


@dataclass(frozen=True, slots=True)
class LinkedIdentity:
    """Whoever is `subject` at `issuer` may sign in as the account. The e-mail address is what
    the provider said then; nothing is ever found by it."""

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
    """A browser on its way to a provider and back. `id` is the hash of the `state` it carries.

    `role` is the account it may open, `account_id` the one it links to, `target` the page to go
    on to. It counts only in the browser `visit` that began it, once.
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
