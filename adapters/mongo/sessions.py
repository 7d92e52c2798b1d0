"""Sessions in MongoDB."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from pymongo import ASCENDING, DESCENDING, IndexModel

from adapters.mongo.mapping import DocumentMapping
from adapters.mongo.repository import TTL_INDEX, MongoRepository
from core.accounts import AccountId
from core.sessions import Session
from ports.accounts import Sessions

REMOVED_AFTER = timedelta(days=180)
"""The TTL index removes sessions long after they have expired by the policy."""


SESSIONS = DocumentMapping(Session)


class MongoSessions(MongoRepository, Sessions):
    name = "sessions"
    indexes = (
        IndexModel(
            [("seen_at", ASCENDING)],
            name=TTL_INDEX,
            expireAfterSeconds=int(REMOVED_AFTER.total_seconds()),
        ),
        IndexModel([("account_id", ASCENDING)], name="of_account"),
    )

    async def find(self, session_id: str) -> Session | None:
        document = await self.collection.find_one({"_id": session_id})
        return SESSIONS.from_document(document) if document else None

    async def many(self, session_ids: Sequence[str]) -> dict[str, Session]:
        found = await self.collection.find_with("_id", session_ids)
        return {document["_id"]: SESSIONS.from_document(document) for document in found}

    async def of_account(self, account_id: AccountId) -> Sequence[Session]:
        found = await self.collection.find(
            {"account_id": account_id}, order=[("seen_at", DESCENDING)]
        )
        return [SESSIONS.from_document(document) for document in found]

    async def add(self, session: Session) -> None:
        await self.collection.insert(SESSIONS.to_document(session))

    async def touch(self, session_id: str, *, now: datetime) -> None:
        await self.collection.update({"_id": session_id}, {"$max": {"seen_at": now}})

    async def verify(self, session_id: str, *, now: datetime) -> None:
        await self.collection.update({"_id": session_id}, {"$set": {"verified_at": now}})

    async def renew(self, session_id: str, *, generation: int, client: str, now: datetime) -> bool:
        renewed = {"generation": generation + 1, "renewed_at": now, "renewed_by": client}
        return await self.collection.update(
            {"_id": session_id, "generation": generation}, {"$set": {**renewed, "seen_at": now}}
        )

    async def remove(self, session_id: str) -> bool:
        return await self.collection.remove({"_id": session_id})
