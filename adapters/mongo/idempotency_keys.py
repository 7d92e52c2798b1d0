"""Requests with an idempotency key in MongoDB."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from pymongo import ASCENDING, IndexModel

from adapters.mongo.driver import Document
from adapters.mongo.mapping import DocumentMapping
from adapters.mongo.repository import TTL_INDEX, MongoRepository
from core.errors import Conflict
from ports.idempotency_keys import (
    IdempotencyKeys,
    KeyedRequest,
    RecordedRequest,
    RequestRepeated,
    StoredResponse,
)

STORED_FOR = timedelta(hours=72)
REQUESTS = DocumentMapping(RecordedRequest, id_field=None)
ANSWERS = DocumentMapping(StoredResponse, id_field=None)


class MongoIdempotencyKeys(MongoRepository, IdempotencyKeys):
    """One document per request, with its `answer` once there is one."""

    name = "request_keys"
    indexes = (IndexModel([("expires_at", ASCENDING)], name=TTL_INDEX, expireAfterSeconds=0),)
    unique: Mapping[str, type[Conflict]] = {"_id_": RequestRepeated}

    async def record(self, request: KeyedRequest, *, now: datetime) -> None:
        await self.collection.insert(_document(request, None, now))

    async def find(self, request_id: str) -> RecordedRequest | None:
        document = await self.collection.find_one({"_id": request_id})
        return REQUESTS.from_document(document) if document else None

    async def finish(self, request: KeyedRequest, answer: StoredResponse, *, now: datetime) -> None:
        if not request.recorded:
            await self.collection.insert_missing([_document(request, answer, now)])
        change = {"answer": ANSWERS.to_document(answer), "expires_at": now + STORED_FOR}
        await self.collection.update({"_id": request.id, "answer": None}, {"$set": change})


def _document(request: KeyedRequest, answer: StoredResponse | None, now: datetime) -> Document:
    document = REQUESTS.to_document(RecordedRequest(request.fingerprint, answer))
    return {"_id": request.id, **document, "expires_at": now + STORED_FOR}
