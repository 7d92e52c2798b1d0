"""Accounts in MongoDB."""

from __future__ import annotations

from collections.abc import Mapping

from pymongo import ASCENDING, IndexModel

from adapters.mongo.mapping import DocumentMapping
from adapters.mongo.repository import VersionedRepository
from core.accounts import Account, AccountId, EmailTaken, Role
from core.errors import Conflict
from ports.accounts import Accounts

LAST = "\U0010ffff"
"""Sorts after every character of an address."""


ACCOUNTS = DocumentMapping(Account)


class MongoAccounts(VersionedRepository[Account], Accounts):
    name = "accounts"
    mapping = ACCOUNTS
    indexes = (
        IndexModel([("email", ASCENDING)], name="email_once", unique=True),
        IndexModel([("roles", ASCENDING), ("_id", ASCENDING)], name="by_role"),
    )
    unique: Mapping[str, type[Conflict]] = {"email_once": EmailTaken}

    async def find_by_email(self, email: str) -> Account | None:
        return await self.find_where({"email": email})

    async def other_administrator(self, account_id: AccountId) -> Account | None:
        others = {
            "roles": Role.ADMIN.value,
            "_id": {"$ne": account_id},
            "email_verified_at": {"$ne": None},
            "suspended_at": None,
        }
        document = await self.collection.find_one(others, order=[("_id", ASCENDING)])
        return ACCOUNTS.from_document(document) if document else None

    async def page(
        self, *, start: str, limit: int, cursor: str | None
    ) -> tuple[tuple[Account, ...], str | None]:
        after = {"$gt": cursor} if cursor is not None else {"$gte": start}
        found = await self.collection.find(
            {"email": {**after, "$lt": start + LAST}},
            order=[("email", ASCENDING)],
            limit=limit + 1,
        )
        page = tuple(ACCOUNTS.from_document(document) for document in found[:limit])
        return page, page[-1].email if len(found) > limit else None
