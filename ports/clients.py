"""The repository of client profiles."""

from __future__ import annotations

from typing import Protocol

from core.clients import Client, ClientId


class Clients(Protocol):
    """One profile per account: adding a second raises `Duplicate`."""

    async def get(self, client_id: ClientId) -> Client: ...
    async def find_by_account(self, account_id: str) -> Client | None: ...
    async def add(self, client: Client) -> Client: ...
    async def save(self, client: Client) -> Client: ...
