"""Idempotency keys in MongoDB."""

from __future__ import annotations

from datetime import datetime, timedelta

from pymongo import ASCENDING, IndexModel

from adapters.mongo.driver import Document
from adapters.mongo.mapping import DocumentMapping
from adapters.mongo.repository import TTL_INDEX, MongoRepository
from ports.idempotency_keys import IdempotencyKeys, KeyReused, RequestInProgress, StoredResponse

TIMEOUT = timedelta(seconds=30)
"""A request without a response after this time is considered to have failed."""
STORED_FOR = timedelta(hours=72)
ANSWERS = DocumentMapping(StoredResponse, id_field=None)


class MongoIdempotencyKeys(MongoRepository, IdempotencyKeys):
    """One document per key: begun at `begun_at`, with its `answer` once there is one."""

    name = "request_keys"
    indexes = (IndexModel([("expires_at", ASCENDING)], name=TTL_INDEX, expireAfterSeconds=0),)

    async def begin(self, key_id: str, fingerprint: str, *, now: datetime) -> StoredResponse | None:
        request = {
            "_id": key_id,
            "fingerprint": fingerprint,
            "begun_at": now,
            "answer": None,
            "expires_at": now + STORED_FOR,
        }
        while not await self.collection.insert_missing([request]):
            first = await self.collection.find_one({"_id": key_id})
            if first is not None:  # else it was removed between the two calls
                return await self._repeated(first, request)
        return None

    async def _repeated(self, first: Document, request: Document) -> StoredResponse | None:
        """The stored response for a repeated request, or None if it must be executed again."""
        if first["fingerprint"] != request["fingerprint"]:
            raise KeyReused
        if first["answer"] is not None:
            return ANSWERS.from_document(first["answer"])
        timed_out = {"_id": first["_id"], "answer": None, "begun_at": first["begun_at"]}
        if request["begun_at"] < first["begun_at"] + TIMEOUT:
            raise RequestInProgress
        if not await self.collection.update(timed_out, {"$set": {"begun_at": request["begun_at"]}}):
            raise RequestInProgress
        return None

    async def finish(self, key_id: str, answer: StoredResponse, *, now: datetime) -> None:
        change = {"$set": {"answer": ANSWERS.to_document(answer), "expires_at": now + STORED_FOR}}
        await self.collection.update({"_id": key_id}, change)

    async def release(self, key_id: str) -> None:
        await self.collection.remove({"_id": key_id})
