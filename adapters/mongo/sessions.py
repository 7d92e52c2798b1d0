"""Sessions in MongoDB."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from pymongo import ASCENDING, DESCENDING, IndexModel

from adapters.mongo.accounts import ACCOUNTS, MongoAccounts
from adapters.mongo.context import RepositoryContext
from adapters.mongo.driver import any_of_parts
from adapters.mongo.mapping import DocumentMapping
from adapters.mongo.repository import TTL_INDEX, MongoRepository
from adapters.mongo.session_changes import MongoSessionChanges
from core.accounts import Account, AccountId
from core.sessions import Session
from ports.accounts import Sessions

REMOVED_AFTER = timedelta(days=180)
"""The TTL index removes sessions long after they have expired by the policy."""


SESSIONS = DocumentMapping(Session)
WITH_ACCOUNT = {
    "$lookup": {
        "from": MongoAccounts.name,
        "localField": "account_id",
        "foreignField": "_id",
        "as": "account",
    }
}


class MongoSessions(MongoRepository, Sessions):
    name = "sessions"
    extra_collections = (MongoSessionChanges,)
    indexes = (
        IndexModel(
            [("seen_at", ASCENDING)],
            name=TTL_INDEX,
            expireAfterSeconds=int(REMOVED_AFTER.total_seconds()),
        ),
        IndexModel([("account_id", ASCENDING)], name="of_account"),
    )

    def __init__(self, context: RepositoryContext) -> None:
        super().__init__(context)
        self._changes = MongoSessionChanges(context)

    async def find(self, session_id: str) -> Session | None:
        document = await self.collection.find_one({"_id": session_id})
        return SESSIONS.from_document(document) if document else None

    async def with_accounts(self, session_ids: Sequence[str]) -> dict[str, tuple[Account, Session]]:
        parts = [
            self.collection.aggregate(
                [{"$match": {"_id": condition}}, WITH_ACCOUNT], reads_others=True
            )
            for condition in any_of_parts(session_ids)
        ]
        return {
            each["_id"]: (ACCOUNTS.from_document(account), SESSIONS.from_document(each))
            for found in await asyncio.gather(*parts)
            for each in found
            for account in each["account"]
        }

    async def outdated(self, known: Collection[tuple[Account, Session]]) -> set[str]:
        return await self._changes.outdated(known)

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
        await self._changes.session_removed(session_id)
        return await self.collection.remove({"_id": session_id})
