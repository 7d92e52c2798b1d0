"""Clients in memory."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from adapters.memory.repositories.collection import Collection, pause
from core.clients import Client
from ports.clients import Clients


class MemoryClients(Collection[Client], Clients):
    name = "clients"

    def claims(self, entity: Client) -> Sequence[Hashable]:
        return (entity.account_id,)

    async def find_by_account(self, account_id: str) -> Client | None:
        await pause()
        return next((c for c in self.rows.all() if c.account_id == account_id), None)
