"""Faces in MongoDB (decision 0011)."""

from __future__ import annotations

from pymongo import ASCENDING, IndexModel

from adapters.mongo.collection import Kept
from adapters.mongo.rows import Document
from core.avatars import Avatar, AvatarId
from ports.avatars import Avatars


def to_document(avatar: Avatar) -> Document:
    return {
        "_id": avatar.id,
        "account_id": avatar.account_id,
        "picture": avatar.picture,
        "at": avatar.at,
    }


def from_document(document: Document) -> Avatar:
    return Avatar(
        id=AvatarId(document["_id"]),
        account_id=document["account_id"],
        picture=document["picture"],
        at=document["at"],
    )


class MongoAvatars(Kept, Avatars):
    name = "avatars"
    indexes = (IndexModel([("account_id", ASCENDING)], name="of_account"),)

    async def put(self, avatar: Avatar) -> None:
        await self.rows.put(to_document(avatar))

    async def find(self, avatar_id: AvatarId) -> Avatar | None:
        document = await self.rows.find_one({"_id": avatar_id})
        return from_document(document) if document else None

    async def remove_of(self, account_id: str, *, but: AvatarId | None = None) -> None:
        await self.rows.remove_all({"account_id": account_id, "_id": {"$ne": but}})
