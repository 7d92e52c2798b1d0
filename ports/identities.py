"""Identities of other providers that are linked, and sign-ins with one under way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from core.accounts import AccountId
from core.identities import LinkedIdentity, OAuthState


class Identities(Protocol):
    """One account per issuer and subject: adding a second raises `IdentityTaken`."""

    async def find(self, issuer: str, subject: str) -> LinkedIdentity | None: ...
    async def of_account(self, account_id: AccountId) -> Sequence[LinkedIdentity]:
        """The oldest link first."""
        ...

    async def add(self, identity: LinkedIdentity) -> None: ...
    async def remove(self, issuer: str, subject: str) -> None: ...


class OAuthStates(Protocol):
    """Each is taken at most once, however often the browser comes back."""

    async def add(self, oauth_state: OAuthState) -> None: ...
    async def take(self, state_id: str) -> OAuthState | None: ...
