"""Profile pictures in MongoDB (decision 0011)."""

from __future__ import annotations

from collections.abc import AsyncIterator

from pymongo import ASCENDING, IndexModel

from adapters.mongo.mapping import DocumentMapping
from adapters.mongo.repository import MongoRepository
from core.avatars import Avatar, AvatarId
from ports.avatars import Avatars

AVATARS = DocumentMapping(Avatar)


class MongoAvatars(MongoRepository, Avatars):
    name = "avatars"
    indexes = (IndexModel([("account_id", ASCENDING)], name="of_account"),)

    async def put(self, avatar: Avatar) -> None:
        await self.collection.put(AVATARS.to_document(avatar))

    async def owners(self) -> AsyncIterator[tuple[str, AvatarId]]:
        async for document in self.collection.each({}, fields={"account_id": 1}):
            yield document["account_id"], document["_id"]

    async def find(self, avatar_id: AvatarId) -> Avatar | None:
        document = await self.collection.find_one({"_id": avatar_id})
        return AVATARS.from_document(document) if document else None

    async def remove_of(self, account_id: str, *, but: AvatarId | None = None) -> None:
        await self.collection.remove_many({"account_id": account_id, "_id": {"$ne": but}})
