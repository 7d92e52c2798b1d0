"""Accounts in MongoDB."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo import ASCENDING, IndexModel

from adapters.mongo.context import RepositoryContext
from adapters.mongo.driver import Document
from adapters.mongo.mapping import DocumentMapping
from adapters.mongo.repository import VersionedRepository
from adapters.mongo.session_changes import MongoSessionChanges
from core.accounts import Account, AccountId, EmailTaken, Role, name_words
from core.errors import Conflict
from ports.accounts import Accounts

LAST = "\U0010ffff"
"""Sorts after every character of an address."""


ACCOUNTS = DocumentMapping(
    Account, derived={"name_words": lambda account: sorted(name_words(account.name))}
)


class MongoAccounts(VersionedRepository[Account], Accounts):
    name = "accounts"
    mapping = ACCOUNTS
    indexes = (
        IndexModel([("email", ASCENDING)], name="email_once", unique=True),
        IndexModel([("roles", ASCENDING), ("_id", ASCENDING)], name="by_role"),
        IndexModel([("name_words", ASCENDING), ("_id", ASCENDING)], name="by_name"),
    )
    unique: Mapping[str, type[Conflict]] = {"email_once": EmailTaken}

    def __init__(self, context: RepositoryContext) -> None:
        super().__init__(context)
        self._session_changes = MongoSessionChanges(context)

    async def save(self, entity: Account) -> Account:
        await self._session_changes.account_saved(entity)
        return await super().save(entity)

    async def find_by_email(self, email: str) -> Account | None:
        return await self.find_where({"email": email})

    async def other_administrator(self, account_id: AccountId) -> Account | None:
        found = await self._administrators({"_id": {"$ne": account_id}}, limit=1)
        return found[0] if found else None

    async def administrators(self, *, limit: int) -> tuple[Account, ...]:
        return await self._administrators({}, limit=limit)

    async def _administrators(self, more: Document, *, limit: int) -> tuple[Account, ...]:
        """The first stage selects an index range, because engines with a simpler planner use an
        index only for a filter without further fields."""
        can_administer = {"email_verified_at": {"$ne": None}, "suspended_at": None, **more}
        found = await self.collection.aggregate(
            [
                {"$match": {"roles": Role.ADMIN.value}},
                {"$match": can_administer},
                {"$sort": {"_id": ASCENDING}},
                {"$limit": limit},
            ]
        )
        return tuple(ACCOUNTS.from_document(document) for document in found)

    @classmethod
    async def complete(cls, collection: AsyncIOMotorCollection[Document]) -> None:
        """The words of names, for accounts of 0.1.0."""
        missing = {"name_words": {"$exists": False}}
        async for document in collection.find(missing, {"name": 1}):
            words = sorted(name_words(document["name"]))
            # The name is compared, because it may be changed meanwhile.
            await collection.update_one(document, {"$set": {"name_words": words}})

    async def named(self, words: Collection[str], *, limit: int) -> tuple[Account, ...]:
        """The longest word selects the index range: it is probably the rarest."""
        if not words:
            return ()
        first, *others = sorted(words, key=len, reverse=True)
        stages: list[Document] = [{"$match": {"name_words": first}}]
        stages += [{"$match": {"name_words": word}} for word in others]
        stages += [{"$sort": {"_id": ASCENDING}}, {"$limit": limit}]
        found = await self.collection.aggregate(stages)
        return tuple(ACCOUNTS.from_document(document) for document in found)

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
