"""Clients in memory."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from adapters.memory.repositories.repository import VersionedRepository, yield_control
from core.clients import Client
from ports.clients import Clients


class MemoryClients(VersionedRepository[Client], Clients):
    name = "clients"

    def unique_keys(self, entity: Client) -> Sequence[Hashable]:
        return (entity.account_id,)

    async def find_by_account(self, account_id: str) -> Client | None:
        await yield_control()
        return next((c for c in self.table.all() if c.account_id == account_id), None)
