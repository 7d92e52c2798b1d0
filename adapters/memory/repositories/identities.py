"""Linked identities and OAuth states in memory."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.memory.repositories.repository import yield_control
from adapters.memory.tables import Table, TableAccess
from core.accounts import AccountId
from core.identities import IdentityTaken, LinkedIdentity, OAuthState
from ports.identities import Identities, OAuthStates


class MemoryIdentities(Identities):
    def __init__(self, tables: TableAccess) -> None:
        self._table: Table[LinkedIdentity] = Table(tables, "identities")

    async def find(self, issuer: str, subject: str) -> LinkedIdentity | None:
        await yield_control()
        return self._table.find(f"{issuer}|{subject}")

    async def of_account(self, account_id: AccountId) -> Sequence[LinkedIdentity]:
        await yield_control()
        found = (one for one in self._table.all() if one.account_id == account_id)
        return sorted(found, key=lambda one: one.linked_at)

    async def add(self, identity: LinkedIdentity) -> None:
        await yield_control()
        if self._table.find(identity.id) is not None:
            raise self._table.tables.abort(IdentityTaken())
        self._table.put(identity.id, identity)

    async def remove(self, issuer: str, subject: str) -> None:
        await yield_control()
        self._table.delete(f"{issuer}|{subject}")


class MemoryOAuthStates(OAuthStates):
    def __init__(self, tables: TableAccess) -> None:
        self._table: Table[OAuthState] = Table(tables, "oauth_states")

    async def add(self, oauth_state: OAuthState) -> None:
        await yield_control()
        self._table.put(oauth_state.id, oauth_state)

    async def take(self, state_id: str) -> OAuthState | None:
        await yield_control()
        oauth_state = self._table.find(state_id)
        if oauth_state is not None:
            self._table.delete(state_id)
        return oauth_state
