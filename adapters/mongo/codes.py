"""Mailed codes and throttles in MongoDB: the counters that limit guessing.

Each count is one guarded update. Every engine applies the updates of one document one after the
other, so no guess of many parallel ones is missed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from pymongo import ASCENDING, IndexModel

from adapters.mongo.mapping import DocumentMapping
from adapters.mongo.repository import MongoRepository, any_of
from core.codes import Code
from ports.codes import Codes, Throttles

EXPIRED_KEPT_S = 3600
"""The TTL index removes codes this long after they have expired."""


CODES = DocumentMapping(Code)


class MongoCodes(MongoRepository, Codes):
    name = "codes"
    indexes = (
        IndexModel([("expires_at", ASCENDING)], name="rubbish", expireAfterSeconds=EXPIRED_KEPT_S),
    )

    async def find(self, code_id: str) -> Code | None:
        document = await self.collection.find_one({"_id": code_id})
        return CODES.from_document(document) if document else None

    async def put(self, code: Code) -> None:
        await self.collection.put(CODES.to_document(code))

    async def use_attempt(self, code_id: str, *, now: datetime) -> Code | None:
        """Compare and set: if the number of attempts left has changed meanwhile, it is read
        again, at most as often as there are attempts."""
        living = {"_id": code_id, "tries_left": {"$gt": 0}, "expires_at": {"$gt": now}}
        while document := await self.collection.find_one(living):
            seen = CODES.from_document(document)
            same = {"_id": code_id, "digest": seen.digest, "tries_left": seen.tries_left}
            if await self.collection.update(same, {"$inc": {"tries_left": -1}}):
                return replace(seen, tries_left=seen.tries_left - 1)
        return None

    async def remove(self, code_id: str) -> None:
        await self.collection.remove({"_id": code_id})


class MongoThrottles(MongoRepository, Throttles):
    """One document per key: `count` in the window that ends at `ends`."""

    name = "throttles"
    indexes = (IndexModel([("ends", ASCENDING)], name="rubbish", expireAfterSeconds=60),)

    async def increment(self, key: str, *, window: timedelta, now: datetime) -> int:
        """Count in the running window, or begin a new one; a caller that loses the race to begin
        it counts in the one that was begun."""
        running, over = {"_id": key, "ends": {"$gt": now}}, {"_id": key, "ends": {"$lte": now}}
        first = {"count": 1, "ends": now + window}
        while True:
            if await self.collection.update(running, {"$inc": {"count": 1}}):
                return (await self.counts([key], now=now)).get(key, 1)
            if await self.collection.update(over, {"$set": first}):
                return 1
            if await self.collection.insert_missing([{"_id": key, **first}]):
                return 1

    async def counts(self, keys: Sequence[str], *, now: datetime) -> Mapping[str, int]:
        found = await self.collection.find({"_id": any_of(keys)})
        return {row["_id"]: int(row["count"]) for row in found if row["ends"] > now}

    async def decrement(self, key: str, *, now: datetime) -> None:
        running = {"_id": key, "ends": {"$gt": now}, "count": {"$gt": 0}}
        await self.collection.update(running, {"$inc": {"count": -1}})

    async def clear(self, *keys: str) -> None:
        await self.collection.remove_many({"_id": any_of(keys)})
