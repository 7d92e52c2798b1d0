"""Repositories of linked identities and OAuth states."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from core.accounts import AccountId
from core.identities import LinkedIdentity, OAuthState


class Identities(Protocol):
    """One account per issuer and subject: adding a second raises `IdentityTaken`."""

    async def find(self, issuer: str, subject: str) -> LinkedIdentity | None: ...
    async def of_account(self, account_id: AccountId) -> Sequence[LinkedIdentity]:
        """The identities linked to an account, the oldest link first."""
        ...

    async def add(self, identity: LinkedIdentity) -> None: ...
    async def remove(self, issuer: str, subject: str) -> None: ...


class OAuthStates(Protocol):
    """OAuth states. Each is returned at most once, also for concurrent requests."""

    async def add(self, oauth_state: OAuthState) -> None: ...
    async def take(self, state_id: str) -> OAuthState | None:
        """Remove and return it. The caller checks the expiry."""
        ...
