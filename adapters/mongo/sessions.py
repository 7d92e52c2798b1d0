"""Sessions in MongoDB."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from pymongo import ASCENDING, DESCENDING, IndexModel

from adapters.mongo.collection import Kept
from adapters.mongo.rows import Document
from core.accounts import AccountId
from core.sessions import Kind, Session
from ports.accounts import Sessions

RUBBISH_AFTER = timedelta(days=180)
"""Sessions end by the policy; long after that their rows go, too."""


def to_document(session: Session) -> Document:
    return {
        "_id": session.id,
        "account_id": session.account_id,
        "csrf_seed": session.csrf_seed,
        "created_at": session.created_at,
        "seen_at": session.seen_at,
        "kind": session.kind,
        "device": session.device,
        "place": session.place,
        "verified_at": session.verified_at,
        "generation": session.generation,
    }


def from_document(document: Document) -> Session:
    return Session(
        id=document["_id"],
        account_id=AccountId(document["account_id"]),
        csrf_seed=document["csrf_seed"],
        created_at=document["created_at"],
        seen_at=document["seen_at"],
        kind=Kind(document.get("kind", Kind.BROWSER)),
        device=document.get("device", ""),
        place=document.get("place", ""),
        verified_at=document.get("verified_at"),
        generation=document.get("generation", 0),
    )


class MongoSessions(Kept, Sessions):
    name = "sessions"
    indexes = (
        IndexModel(
            [("seen_at", ASCENDING)],
            name="rubbish",
            expireAfterSeconds=int(RUBBISH_AFTER.total_seconds()),
        ),
        IndexModel([("account_id", ASCENDING)], name="of_account"),
    )

    async def find(self, session_id: str) -> Session | None:
        document = await self.rows.find_one({"_id": session_id})
        return from_document(document) if document else None

    async def of_account(self, account_id: AccountId) -> Sequence[Session]:
        found = await self.rows.find({"account_id": account_id}, order=[("seen_at", DESCENDING)])
        return [from_document(document) for document in found]

    async def add(self, session: Session) -> None:
        await self.rows.insert(to_document(session))

    async def touch(self, session_id: str, *, now: datetime) -> None:
        await self.rows.update({"_id": session_id}, {"$max": {"seen_at": now}})

    async def verify(self, session_id: str, *, now: datetime) -> None:
        await self.rows.update({"_id": session_id}, {"$set": {"verified_at": now}})

    async def renew(self, session_id: str, *, generation: int, now: datetime) -> bool:
        return await self.rows.update(
            {"_id": session_id, "generation": generation},
            {"$set": {"generation": generation + 1, "seen_at": now}},
        )

    async def remove(self, session_id: str) -> bool:
        return await self.rows.remove({"_id": session_id})
