"""Clients with a profile."""

from __future__ import annotations

from core.accounts import Account, Role
from core.clients import Client
from onehour.testing.steps.accounts import AccountSteps


class ClientSteps(AccountSteps):
    async def client(self, name: str = "Meera Krishnan") -> tuple[Account, Client]:
        account = await self.account(Role.CLIENT, name)
        found = await self.store.repositories.clients.find_by_account(account.id)
        assert found
        return account, found
