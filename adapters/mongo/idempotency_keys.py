"""Answers stored by idempotency key in MongoDB."""

from __future__ import annotations

from datetime import datetime, timedelta

from pymongo import ASCENDING, IndexModel

from adapters.mongo.driver import Document
from adapters.mongo.mapping import DocumentMapping
from adapters.mongo.repository import MongoRepository
from ports.idempotency_keys import IdempotencyKeys, KeyReused, RequestInProgress, StoredResponse

PATIENCE = timedelta(seconds=30)
"""A request without an answer after this long is considered to have failed."""
KEPT = timedelta(hours=72)
ANSWERS = DocumentMapping(StoredResponse, id_field=None)


class MongoIdempotencyKeys(MongoRepository, IdempotencyKeys):
    """One document per key: begun at `begun_at`, with its `answer` once there is one."""

    name = "request_keys"
    indexes = (IndexModel([("expires_at", ASCENDING)], name="rubbish", expireAfterSeconds=0),)

    async def begin(self, key_id: str, fingerprint: str, *, now: datetime) -> StoredResponse | None:
        mine = {
            "_id": key_id,
            "fingerprint": fingerprint,
            "begun_at": now,
            "answer": None,
            "expires_at": now + KEPT,
        }
        while not await self.collection.insert_missing([mine]):
            first = await self.collection.find_one({"_id": key_id})
            if first is not None:  # else it was removed between the two calls
                return await self._after(first, mine)
        return None

    async def _after(self, first: Document, mine: Document) -> StoredResponse | None:
        """The stored answer for a later request with the same key, if there is one yet."""
        if first["fingerprint"] != mine["fingerprint"]:
            raise KeyReused
        if first["answer"] is not None:
            return ANSWERS.from_document(first["answer"])
        dead = {"_id": first["_id"], "answer": None, "begun_at": first["begun_at"]}
        if mine["begun_at"] < first["begun_at"] + PATIENCE:
            raise RequestInProgress
        if not await self.collection.update(dead, {"$set": {"begun_at": mine["begun_at"]}}):
            raise RequestInProgress
        return None

    async def finish(self, key_id: str, answer: StoredResponse, *, now: datetime) -> None:
        change = {"$set": {"answer": ANSWERS.to_document(answer), "expires_at": now + KEPT}}
        await self.collection.update({"_id": key_id}, change)

    async def release(self, key_id: str) -> None:
        await self.collection.remove({"_id": key_id})
