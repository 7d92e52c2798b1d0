"""Mailed codes and throttles in MongoDB: whatever is counted against guessing.

Each count is one guarded update, which every engine applies one at a time to a document, so of
many parallel guesses none is missed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from pymongo import ASCENDING, IndexModel

from adapters.mongo.collection import Kept, any_of
from adapters.mongo.rows import Document
from core.codes import Code
from ports.codes import Codes, Throttles

RUBBISH_AFTER_S = 3600


def to_document(code: Code) -> Document:
    return {
        "_id": code.id,
        "digest": code.digest,
        "sent_at": code.sent_at,
        "expires_at": code.expires_at,
        "tries_left": code.tries_left,
        "visit": code.visit,
    }


def from_document(document: Document) -> Code:
    return Code(
        id=document["_id"],
        digest=document["digest"],
        sent_at=document["sent_at"],
        expires_at=document["expires_at"],
        tries_left=document["tries_left"],
        visit=document["visit"],
    )


class MongoCodes(Kept, Codes):
    name = "codes"
    indexes = (
        IndexModel([("expires_at", ASCENDING)], name="rubbish", expireAfterSeconds=RUBBISH_AFTER_S),
    )

    async def find(self, code_id: str) -> Code | None:
        document = await self.rows.find_one({"_id": code_id})
        return from_document(document) if document else None

    async def put(self, code: Code) -> None:
        await self.rows.put(to_document(code))

    async def use_attempt(self, code_id: str, *, now: datetime) -> Code | None:
        """Compare and set: who finds the number of tries changed meanwhile looks again, at most
        as often as there are tries."""
        living = {"_id": code_id, "tries_left": {"$gt": 0}, "expires_at": {"$gt": now}}
        while document := await self.rows.find_one(living):
            seen = from_document(document)
            same = {"_id": code_id, "digest": seen.digest, "tries_left": seen.tries_left}
            if await self.rows.update(same, {"$inc": {"tries_left": -1}}):
                return replace(seen, tries_left=seen.tries_left - 1)
        return None

    async def remove(self, code_id: str) -> None:
        await self.rows.remove({"_id": code_id})


class MongoThrottles(Kept, Throttles):
    """One document per key: `count` in the window that ends at `ends`."""

    name = "throttles"
    indexes = (IndexModel([("ends", ASCENDING)], name="rubbish", expireAfterSeconds=60),)

    async def count(self, key: str, *, window: timedelta, now: datetime) -> int:
        """Count in the running window, or open a new one; who loses the race to open it
        counts in the one that was opened."""
        running, over = {"_id": key, "ends": {"$gt": now}}, {"_id": key, "ends": {"$lte": now}}
        first = {"count": 1, "ends": now + window}
        while True:
            if await self.rows.update(running, {"$inc": {"count": 1}}):
                return (await self.counted([key], now=now)).get(key, 1)
            if await self.rows.update(over, {"$set": first}):
                return 1
            if await self.rows.insert_missing([{"_id": key, **first}]):
                return 1

    async def counted(self, keys: Sequence[str], *, now: datetime) -> Mapping[str, int]:
        found = await self.rows.find({"_id": any_of(keys)})
        return {row["_id"]: int(row["count"]) for row in found if row["ends"] > now}

    async def uncount(self, key: str, *, now: datetime) -> None:
        running = {"_id": key, "ends": {"$gt": now}, "count": {"$gt": 0}}
        await self.rows.update(running, {"$inc": {"count": -1}})

    async def clear(self, *keys: str) -> None:
        await self.rows.remove_many({"_id": any_of(keys)})
