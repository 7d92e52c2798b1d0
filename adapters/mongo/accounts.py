"""Accounts and their sessions in MongoDB. `codes.py` holds what is counted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from pymongo import ASCENDING, IndexModel

from adapters.mongo.collection import Collection, Kept
from adapters.mongo.rows import Document, View
from core.accounts import Account, AccountId, EmailTaken, Role, Session
from core.errors import Conflict
from ports.accounts import Accounts, Sessions

RUBBISH_AFTER = timedelta(days=180)
"""Sessions end by the policy; long after that their rows go, too."""


def to_document(account: Account) -> Document:
    return {
        "_id": account.id,
        "version": account.version,
        "email": account.email,
        "name": account.name,
        "roles": sorted(account.roles),
        "password_hash": account.password_hash,
        "timezone": account.timezone,
        "created_at": account.created_at,
        "email_verified_at": account.email_verified_at,
    }


def from_document(document: Document) -> Account:
    return Account(
        id=AccountId(document["_id"]),
        version=document["version"],
        email=document["email"],
        name=document["name"],
        roles=frozenset(Role(role) for role in document["roles"]),
        password_hash=document["password_hash"],
        timezone=document["timezone"],
        created_at=document["created_at"],
        email_verified_at=document["email_verified_at"],
    )


class MongoAccounts(Collection[Account], Accounts):
    name = "accounts"
    indexes = (IndexModel([("email", ASCENDING)], name="email_once", unique=True),)
    unique: ClassVar[Mapping[str, type[Conflict]]] = {"email_once": EmailTaken}

    def __init__(self, view: View) -> None:
        super().__init__(view, to_document, from_document)

    async def find_by_email(self, email: str) -> Account | None:
        return await self.find_where({"email": email})


def session_to_document(session: Session) -> Document:
    return {
        "_id": session.id,
        "account_id": session.account_id,
        "csrf_seed": session.csrf_seed,
        "created_at": session.created_at,
        "seen_at": session.seen_at,
    }


def session_from_document(document: Document) -> Session:
    return Session(
        id=document["_id"],
        account_id=AccountId(document["account_id"]),
        csrf_seed=document["csrf_seed"],
        created_at=document["created_at"],
        seen_at=document["seen_at"],
    )


class MongoSessions(Kept, Sessions):
    name = "sessions"
    indexes = (
        IndexModel(
            [("seen_at", ASCENDING)],
            name="rubbish",
            expireAfterSeconds=int(RUBBISH_AFTER.total_seconds()),
        ),
    )

    async def find(self, session_id: str) -> Session | None:
        document = await self.rows.find_one({"_id": session_id})
        return session_from_document(document) if document else None

    async def add(self, session: Session) -> None:
        await self.rows.insert(session_to_document(session))

    async def touch(self, session_id: str, *, now: datetime) -> None:
        await self.rows.update({"_id": session_id}, {"$max": {"seen_at": now}})

    async def remove(self, session_id: str) -> None:
        await self.rows.remove({"_id": session_id})
