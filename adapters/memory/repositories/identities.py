"""Linked identities, and sign-ins with a provider under way, in memory."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.memory.repositories.collection import pause
from adapters.memory.tables import Rows, View
from core.accounts import AccountId
from core.identities import IdentityTaken, LinkedIdentity, OAuthState
from ports.identities import Identities, OAuthStates


class MemoryIdentities(Identities):
    def __init__(self, view: View) -> None:
        self._rows: Rows[LinkedIdentity] = Rows(view, "identities")

    async def find(self, issuer: str, subject: str) -> LinkedIdentity | None:
        await pause()
        return self._rows.find(f"{issuer}|{subject}")

    async def of_account(self, account_id: AccountId) -> Sequence[LinkedIdentity]:
        await pause()
        found = (one for one in self._rows.all() if one.account_id == account_id)
        return sorted(found, key=lambda one: one.linked_at)

    async def add(self, identity: LinkedIdentity) -> None:
        await pause()
        if self._rows.find(identity.id) is not None:
            raise self._rows.view.spoil(IdentityTaken())
        self._rows.put(identity.id, identity)

    async def remove(self, issuer: str, subject: str) -> None:
        await pause()
        self._rows.drop(f"{issuer}|{subject}")


class MemoryOAuthStates(OAuthStates):
    def __init__(self, view: View) -> None:
        self._rows: Rows[OAuthState] = Rows(view, "oauth_states")

    async def add(self, oauth_state: OAuthState) -> None:
        await pause()
        self._rows.put(oauth_state.id, oauth_state)

    async def take(self, state_id: str) -> OAuthState | None:
        await pause()
        oauth_state = self._rows.find(state_id)
        if oauth_state is not None:
            self._rows.drop(state_id)
        return oauth_state
