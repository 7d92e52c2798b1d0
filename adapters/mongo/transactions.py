"""The ledger in MongoDB."""

from __future__ import annotations

from collections.abc import AsyncIterator

from pymongo import ASCENDING, DESCENDING, IndexModel

from adapters.mongo.collection import Kept, any_of, newest_first, order_key
from adapters.mongo.rows import Document
from adapters.mongo.values import money_in, money_out
from core.transactions import Kind, Line, Transaction, TransactionId
from ports.transactions import Transactions


def to_document(transaction: Transaction) -> Document:
    """All lines are in one document, so that no half of an entry can exist; `parties` and
    `order_key` are derived, for the indexes."""
    return {
        "_id": transaction.id,
        "kind": transaction.kind,
        "at": transaction.at,
        "lines": [
            {"account": line.account, "amount": money_out(line.amount)}
            for line in transaction.lines
        ],
        "description": transaction.description,
        "booking_id": transaction.booking_id,
        "client_id": transaction.client_id,
        "developer_id": transaction.developer_id,
        "parties": [p for p in (transaction.client_id, transaction.developer_id) if p],
        "order_key": order_key(transaction.at, transaction.id),
    }


def from_document(document: Document) -> Transaction:
    return Transaction(
        id=TransactionId(document["_id"]),
        kind=Kind(document["kind"]),
        at=document["at"],
        lines=tuple(Line(line["account"], money_in(line["amount"])) for line in document["lines"]),
        description=document["description"],
        booking_id=document["booking_id"],
        client_id=document["client_id"],
        developer_id=document["developer_id"],
    )


class MongoTransactions(Kept, Transactions):
    name = "transactions"
    indexes = (
        IndexModel([("booking_id", ASCENDING), ("order_key", ASCENDING)], name="of_booking"),
        IndexModel([("parties", ASCENDING), ("order_key", DESCENDING)], name="of_account"),
    )

    async def add(self, transaction: Transaction) -> None:
        await self.rows.insert(to_document(transaction))

    async def exists(self, transaction_id: str) -> bool:
        return await self.rows.find_one({"_id": transaction_id}, fields={"_id": 1}) is not None

    async def of_booking(self, booking_id: str) -> tuple[Transaction, ...]:
        found = await self.rows.find({"booking_id": booking_id}, order=[("order_key", ASCENDING)])
        return tuple(from_document(document) for document in found)

    async def of_account(
        self, party_ids: tuple[str, ...], *, limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[Transaction, ...], str | None]:
        wanted = {"parties": any_of(party_ids)}
        return await newest_first(self.rows, wanted, from_document, limit=limit, cursor=cursor)

    async def all(self) -> AsyncIterator[Transaction]:
        async for document in self.rows.each({}, order=[("_id", ASCENDING)]):
            yield from_document(document)
