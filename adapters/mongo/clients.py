"""Clients in MongoDB."""

from __future__ import annotations

from pymongo import ASCENDING, IndexModel

from adapters.mongo.mapping import DocumentMapping
from adapters.mongo.repository import VersionedRepository
from core.clients import Client
from ports.clients import Clients


class MongoClients(VersionedRepository[Client], Clients):
    name = "clients"
    mapping = DocumentMapping(Client)
    indexes = (IndexModel([("account_id", ASCENDING)], name="account_once", unique=True),)

    async def find_by_account(self, account_id: str) -> Client | None:
        return await self.find_where({"account_id": account_id})
