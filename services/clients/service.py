"""The client's own profile."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.clients import Client, checked_phone
from core.errors import Forbidden
from ports.store import Repositories, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientService:
    """Reads and changes client profiles; `by` is the acting account."""

    store: Store

    async def own_profile(self, *, by: str) -> Client:
        """The profile of the account. Raises `Forbidden` for an account without one."""
        return await _client(self.store.repositories, by)

    async def update(self, *, by: str, phone: str | None) -> Client:
        """Change the phone number: ten digits for the payment provider, or None to remove it.
        Raises `Invalid`, or `Forbidden` for an account without a client profile."""
        number = checked_phone(phone)

        async def step(repositories: Repositories) -> Client:
            client = await _client(repositories, by)
            return await repositories.clients.save(replace(client, phone=number))

        return await self.store.transact(step)


async def _client(repositories: Repositories, account_id: str) -> Client:
    client = await repositories.clients.find_by_account(account_id)
    if client is None:
        raise Forbidden("This is for client accounts.")
    return client
