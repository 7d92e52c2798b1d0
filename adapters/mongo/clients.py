"""Clients in MongoDB."""

from __future__ import annotations

from pymongo import ASCENDING, IndexModel

from adapters.mongo.collection import Collection
from adapters.mongo.rows import Document, View
from core.clients import Client, ClientId
from ports.clients import Clients


def to_document(client: Client) -> Document:
    return {
        "_id": client.id,
        "version": client.version,
        "account_id": client.account_id,
        "name": client.name,
        "phone": client.phone,
        "avatar": client.avatar,
    }


def from_document(document: Document) -> Client:
    return Client(
        id=ClientId(document["_id"]),
        version=document["version"],
        account_id=document["account_id"],
        name=document["name"],
        phone=document["phone"],
        avatar=document.get("avatar"),  # not there before 0011
    )


class MongoClients(Collection[Client], Clients):
    name = "clients"
    indexes = (IndexModel([("account_id", ASCENDING)], name="account_once", unique=True),)

    def __init__(self, view: View) -> None:
        super().__init__(view, to_document, from_document)

    async def find_by_account(self, account_id: str) -> Client | None:
        return await self.find_where({"account_id": account_id})
