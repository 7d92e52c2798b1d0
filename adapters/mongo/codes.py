"""Mailed codes and throttles in MongoDB: the counters that limit guessing.

Each count is one conditional update. Every engine serialises the updates of a document, so no
attempt of many concurrent ones is missed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from pymongo import ASCENDING, IndexModel

from adapters.mongo.driver import any_of
from adapters.mongo.mapping import DocumentMapping
from adapters.mongo.repository import TTL_INDEX, MongoRepository
from core.codes import Code
from ports.codes import Codes, Throttles

REMOVED_AFTER_S = 3600
"""The TTL index removes codes this long after their expiry."""


CODES = DocumentMapping(Code)


class MongoCodes(MongoRepository, Codes):
    name = "codes"
    indexes = (
        IndexModel([("expires_at", ASCENDING)], name=TTL_INDEX, expireAfterSeconds=REMOVED_AFTER_S),
    )

    async def find(self, code_id: str) -> Code | None:
        document = await self.collection.find_one({"_id": code_id})
        return CODES.from_document(document) if document else None

    async def put(self, code: Code) -> None:
        await self.collection.put(CODES.to_document(code))

    async def use_attempt(self, code_id: str, *, now: datetime) -> Code | None:
        """Compare and set, repeated if the number of attempts left has changed in the
        meantime."""
        valid = {"_id": code_id, "tries_left": {"$gt": 0}, "expires_at": {"$gt": now}}
        while document := await self.collection.find_one(valid):
            seen = CODES.from_document(document)
            same = {"_id": code_id, "digest": seen.digest, "tries_left": seen.tries_left}
            if await self.collection.update(same, {"$inc": {"tries_left": -1}}):
                return replace(seen, tries_left=seen.tries_left - 1)
        return None

    async def remove(self, code_id: str) -> None:
        await self.collection.remove({"_id": code_id})


class MongoThrottles(MongoRepository, Throttles):
    """One document per key: the `count` of the window that ends at `ends`."""

    name = "throttles"
    indexes = (IndexModel([("ends", ASCENDING)], name=TTL_INDEX, expireAfterSeconds=60),)

    async def increment(self, key: str, *, window: timedelta, now: datetime) -> int:
        """Count in the current window or start a new one. If another caller starts it at the
        same time, count in that one."""
        current, ended = {"_id": key, "ends": {"$gt": now}}, {"_id": key, "ends": {"$lte": now}}
        first = {"count": 1, "ends": now + window}
        while True:
            if await self.collection.update(current, {"$inc": {"count": 1}}):
                return (await self.counts([key], now=now)).get(key, 1)
            if await self.collection.update(ended, {"$set": first}):
                return 1
            if await self.collection.insert_missing([{"_id": key, **first}]):
                return 1

    async def counts(self, keys: Sequence[str], *, now: datetime) -> Mapping[str, int]:
        found = await self.collection.find({"_id": any_of(keys)})
        return {row["_id"]: int(row["count"]) for row in found if row["ends"] > now}

    async def decrement(self, key: str, *, now: datetime) -> None:
        current = {"_id": key, "ends": {"$gt": now}, "count": {"$gt": 0}}
        await self.collection.update(current, {"$inc": {"count": -1}})

    async def clear(self, *keys: str) -> None:
        await self.collection.remove_many({"_id": any_of(keys)})
