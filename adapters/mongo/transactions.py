"""The ledger in MongoDB."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from pymongo import ASCENDING, DESCENDING, IndexModel

from adapters.mongo.driver import any_of
from adapters.mongo.long_lists import FIRST
from adapters.mongo.mapping import DocumentMapping
from adapters.mongo.repository import MongoRepository, ids_after, newest_first, order_key
from core.transactions import Transaction
from ports.transactions import Transactions

TRANSACTIONS = DocumentMapping(
    Transaction,
    derived={
        "parties": lambda moved: [p for p in (moved.client_id, moved.developer_id) if p],
        "order_key": lambda moved: order_key(moved.at, moved.id),
    },
)
"""All lines are in one document, so that no half of an entry can exist."""


class MongoTransactions(MongoRepository, Transactions):
    name = "transactions"
    indexes = (
        IndexModel([("booking_id", ASCENDING), ("order_key", ASCENDING)], name="of_booking"),
        IndexModel([("number", ASCENDING)], name="by_number"),
        IndexModel([("parties", ASCENDING), ("order_key", DESCENDING)], name="of_account"),
        IndexModel([("order_key", ASCENDING)], name="by_time"),
    )

    async def add(self, transaction: Transaction) -> None:
        await self.collection.insert(TRANSACTIONS.to_document(transaction))

    async def exists(self, transaction_id: str) -> bool:
        return (
            await self.collection.find_one({"_id": transaction_id}, fields={"_id": 1}) is not None
        )

    async def of_booking(self, booking_id: str) -> tuple[Transaction, ...]:
        found = await self.collection.find(
            {"booking_id": booking_id}, order=[("order_key", ASCENDING)]
        )
        return tuple(TRANSACTIONS.from_document(document) for document in found)

    async def of_bookings(self, booking_ids: Sequence[str]) -> tuple[Transaction, ...]:
        found = await self.collection.find_with("booking_id", booking_ids)
        return tuple(TRANSACTIONS.from_document(document) for document in found)

    async def ids(self, *, after: str = "", limit: int) -> tuple[str, ...]:
        return await ids_after(self.collection, after, limit)

    async def many(self, transaction_ids: Sequence[str]) -> dict[str, Transaction]:
        found = await self.collection.find_with("_id", transaction_ids)
        return {document["_id"]: TRANSACTIONS.from_document(document) for document in found}

    async def numbers(self, *, after: str = "", limit: int) -> tuple[str, ...]:
        found = await self.collection.find(
            {"number": {"$gt": after}},
            order=[("number", ASCENDING)],
            limit=limit,
            fields={"_id": 0, "number": 1},
        )
        return tuple(document["number"] for document in found)

    async def of_account(
        self,
        party_ids: tuple[str, ...],
        *,
        limit: int = 20,
        cursor: str | None = None,
        since: datetime | None = None,
        before: datetime | None = None,
    ) -> tuple[tuple[Transaction, ...], str | None]:
        wanted = {"parties": any_of(party_ids)}
        return await newest_first(
            self.collection,
            wanted,
            TRANSACTIONS,
            limit=limit,
            cursor=cursor,
            times=(since, before),
        )

    async def first(self) -> Transaction | None:
        found = await self.collection.find(
            {"order_key": {"$gt": FIRST}}, order=[("order_key", ASCENDING)], limit=1
        )
        return TRANSACTIONS.from_document(found[0]) if found else None

    async def between(self, start: datetime, end: datetime) -> AsyncIterator[Transaction]:
        wanted = {"order_key": {"$gte": order_key(start, ""), "$lt": order_key(end, "")}}
        async for document in self.collection.each(wanted, order=[("order_key", ASCENDING)]):
            yield TRANSACTIONS.from_document(document)

    async def all(self) -> AsyncIterator[Transaction]:
        async for document in self.collection.each({}, order=[("_id", ASCENDING)]):
            yield TRANSACTIONS.from_document(document)
